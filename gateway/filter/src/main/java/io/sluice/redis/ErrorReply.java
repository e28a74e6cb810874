package io.sluice.redis;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an answer of error type says. Where a script met the error, Redis 7 puts the place in the
 * script behind it, which is left out here, and older ones put it before, with a code of its own:
 * {@code ERR Error running script (call to f_6b1b…): @user_script:1: @user_script: 1: -READONLY …}.
 *
 * @param text all of it, the code first
 */
record ErrorReply(String text) {

  private static final Pattern BEFORE =
      Pattern.compile(
          "ERR Error running script \\(call to [^)]*\\): (?:@user_script: ?\\d+: ){1,2}");
  private static final String BEHIND = " script: ";

  /** Returns what the error of a command says. */
  static ErrorReply of(Throwable error) {
    return of(String.valueOf(error.getMessage()));
  }

  /** Returns what an error says, as Redis has sent it. */
  static ErrorReply of(String error) {
    Matcher before = BEFORE.matcher(error);
    if (before.lookingAt()) {
      String met = error.substring(before.end());
      return new ErrorReply(met.startsWith("-") ? met.substring(1) : "ERR " + met);
    }
    int behind = error.indexOf(BEHIND);
    return new ErrorReply(behind < 0 ? error : error.substring(0, behind));
  }

  /** Returns the first word, by which Redis tells kinds of errors apart. */
  String code() {
    return text.split(" ", 2)[0];
  }

  /** Returns whether it is of that kind. */
  boolean is(String code) {
    return code().equals(code);
  }
}
