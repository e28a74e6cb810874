package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckCommandTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"gateway.conf", "routes.conf"})
  void theShippedFilesAreSound(String name) {
    Path shipped = Path.of("../../config").resolve(name);
    Ran ran = check(Map.of(), shipped);
    assertThat(ran.out()).startsWith("5 policies\n").contains("0 errors");
    assertThat(ran.code()).isZero();
    assertThat(ran.err()).isEmpty();
  }

  @Test
  void allThatIsWrongInSettingsAndPoliciesIsSaidAtOnce() throws Exception {
    Path bad = resource("bad");
    Ran ran = check(Map.of("REDIS_DB", "-1"), bad.resolve("config/gateway.conf"));
    String said = ran.out().replace(bad.resolve("config").resolve("..") + "/", "");
    assertThat(said.replace(bad + "/", "")).isEqualTo(Files.readString(resource("bad.txt")));
    assertThat(ran.out()).doesNotContain("hunter2");
    assertThat(ran.code()).isEqualTo(2);
  }

  @Test
  void allThatIsWrongWithRoutesAndUpstreamsIsSaidAtOnce() throws Exception {
    Path bad = resource("bad-routes");
    Ran ran = check(Map.of(), bad.resolve("config/gateway.conf"));
    assertThat(ran.out().replace(bad + "/", ""))
        .isEqualTo(Files.readString(resource("bad-routes.txt")));
    assertThat(ran.code()).isEqualTo(2);
  }

  @Test
  void soundFilesAreCounted() {
    Ran ran = check(Map.of(), new Site(folder).config(), "--strict");
    assertThat(ran).isEqualTo(new Ran(0, "1 policy\n0 errors, 0 warnings\n", ""));
  }

  @Test
  void warningsCountAsErrorsWhenStrict() {
    Site site =
        new Site(folder)
            .settings("identity.secret = short")
            .write("policies/off.conf", "match = /x\nmode = off\nlimits = []");
    Ran ran = check(Map.of(), site.config());
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .contains("gateway.conf:6: warning: identity.secret: shorter than")
        .contains("off.conf:2: warning: mode = off")
        .endsWith("0 errors, 2 warnings\n");
    assertThat(check(Map.of(), site.config(), "--strict").code()).isEqualTo(2);
  }

  @Test
  void anotherFolderOfPoliciesMayBeChecked() {
    Site site = new Site(folder).write("draft/chat.conf", "match = /x\nlimits = 5");
    Ran ran = check(Map.of(), site.config(), "--policies", folder.resolve("draft").toString());
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).contains("draft/chat.conf:2: ").endsWith("1 error, 0 warnings\n");
  }

  @Test
  void settingsThatDoNotExistAreOneProblem() {
    Ran ran = check(Map.of(), folder.resolve("gatewya.conf"));
    assertThat(ran.out())
        .isEqualTo(folder.resolve("gatewya.conf") + ": does not exist\n1 error, 0 warnings\n");
    assertThat(ran.code()).isEqualTo(2);
  }

  private static Ran check(Map<String, String> environment, Path config, String... more) {
    String[] arguments = new String[more.length + 3];
    arguments[0] = "check";
    arguments[1] = "--config";
    arguments[2] = config.toString();
    System.arraycopy(more, 0, arguments, 3, more.length);
    return Ran.sluice(environment, arguments);
  }

  private static Path resource(String name) throws IOException, URISyntaxException {
    URL url = Objects.requireNonNull(CheckCommandTest.class.getResource(name), name);
    return Path.of(url.toURI());
  }
}
