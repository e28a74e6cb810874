package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors as versions of Redis word them, in scripts and out of them. */
class ErrorReplyTest {

  private static final String BEFORE = "ERR Error running script (call to f_6b1bf486c81ceb7ed): ";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "READONLY You can't write. script: 6b1b, on @user_script:4.|READONLY|READONLY You can't write.",
        "MASTERDOWN Link with MASTER is down|MASTERDOWN|MASTERDOWN Link with MASTER is down",
        "ERR unknown command|ERR|ERR unknown command",
        "BUSY|BUSY|BUSY"
      })
  void newOnesBeginWithTheirCode(String error, String code, String text) {
    assertRead(error, code, text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "@user_script:1: @user_script: 1: -OOM command not allowed|OOM|OOM command not allowed",
        "@user_script:12: @user_script: 12: -READONLY No.|READONLY|READONLY No.",
        "@user_script:1: -MISCONF Redis is|MISCONF|MISCONF Redis is",
        "@user_script: 7: The user executing the script|ERR|ERR The user executing the script"
      })
  void oldOnesHaveTheScriptBeforeIt(String error, String code, String text) {
    assertRead(BEFORE + error, code, text);
  }

  private static void assertRead(String error, String code, String text) {
    ErrorReply reply = ErrorReply.of(error);
    assertThat(reply.code()).isEqualTo(code);
    assertThat(reply.is(code)).isTrue();
    assertThat(reply.text()).isEqualTo(text);
  }
}
