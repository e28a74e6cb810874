package io.sluice.cli;

import static io.sluice.cli.Ran.sluice;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

  @Test
  void helpSaysWhatThereIs() {
    Ran ran = sluice(Map.of(), "--help");
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains("Usage: sluice", "serve", "check", "doctor", "demo", "Environment");
    assertThat(ran.err()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"serve, --config", "check, --strict"})
  void eachCommandExplainsItself(String command, String option) {
    Ran ran = sluice(Map.of(), command, "--help");
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("Usage: sluice " + command, option, "--policies");
  }

  @Test
  void versionNamesSluiceAndJava() {
    Ran ran = sluice(Map.of(), "--version");
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).matches("sluice \\S+\nJava " + Runtime.version().feature() + ".*\n");
  }

  @Test
  void withoutACommandItNamesTheCommands() {
    Ran ran = sluice(Map.of());
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains("expected a command: serve, demo, check or doctor");
    assertThat(ran.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "serv, 'serv', Did you mean: sluice serve?",
    "srve --config x, 'srve', Did you mean: sluice serve?",
    "serve --confg x, '--confg', Possible solutions: --config",
    "check --stric, '--stric', Possible solutions: --strict",
    "serve --config, '--config', Missing required parameter",
    "check here, 'here', Unmatched argument",
  })
  void whatIsUnknownIsNamedWithTheNearest(String line, String named, String remedy) {
    Ran ran = sluice(Map.of(), line.split(" ", -1));
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).contains(named, remedy);
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "check"})
  void withoutAnInstallationTheSettingsAreLookedForHere(String command) {
    Ran ran = sluice(Map.of("SLUICE_HOME", "/nowhere"), command);
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out() + ran.err()).contains("/nowhere/config/gateway.conf: does not exist");
  }
}
