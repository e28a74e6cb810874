package io.sluice.cli;

import static io.sluice.cli.Ran.sluice;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What {@code serve} says to what it cannot serve with; nothing may be left running. */
@Timeout(60)
class BadInputTest {

  private static final List<Case> POLICIES =
      List.of(
          new Case(
              "match = /x\nlimits = [ { key = ip, rate = 20/fortnight } ]",
              ":2: rate = 20/fortnight: expected N/period",
              "did you mean 20/14day?"),
          new Case(
              "match = /x\nlimits = [ { key = ip, rate = 0/min } ]",
              ":2: rate = 0/min: expected 1 to",
              "limits = [] exempts on purpose"),
          new Case(
              "match = /x\ncost = 5\nlimits = [ { key = ip, rate = 9/min, burst = 3 } ]",
              ":3: burst = 3: ",
              "expected burst = 5 or more"),
          new Case(
              "match = /x\nlimits = [ { key = usr, rate = 20/min } ]",
              ":2: key = usr: 'usr' is unknown",
              "did you mean user?"),
          new Case(
              "match = /x\nlimits = [\n{ id = a, key = ip, rate = 1/s }\n"
                  + "{ id = a, key = user, rate = 2/s } ]",
              ":4: id = a: another limit, in line 3, has it already",
              ""),
          new Case(
              "match = \"/api//chat\"\nlimits = []",
              ":1: match = /api//chat: // is an empty segment",
              "expected /"),
          new Case("match = /x\nlimits = [ {", ":2: ", "expected"),
          new Case("match = /x\nlimit = []", ":2: unknown key 'limit'", "did you mean limits?"));

  private static final List<Case> SETTINGS =
      List.of(
          new Case(
              "upstream = \"localhost:3000\"",
              ":6: upstream = \"localhost:3000\": expected a URL with scheme",
              "http://localhost:3000"),
          new Case(
              "upstream = \"http://localhost:3000/api\"",
              ":6: upstream = \"http://localhost:3000/api\": expected scheme, host and port only",
              "http://localhost:3000"),
          new Case(
              "upstream = \"ftp://localhost\"", ":6: upstream = ", "expected a URL with scheme"),
          new Case("redis.timeuot = 25ms", ":6: unknown key 'redis.timeuot'", "mean timeout?"),
          new Case("tls { }", ":6: unknown key 'tls'", "expected"),
          new Case("server {", "gateway.conf:7: the file ends too early", "expected a value"),
          new Case("identity.api-keys.file = none.conf", "none.conf: does not exist", ""));

  @TempDir Path folder;

  private Site site;

  private record Case(String text, String complaint, String remedy) {}

  @BeforeEach
  void build() {
    site = new Site(folder);
  }

  @ParameterizedTest
  @FieldSource("POLICIES")
  void aBadPolicyIsNamedWithItsLineAndTheRemedy(Case bad) {
    site.write("policies/bad.conf", bad.text);
    assertRefused(2, "policies/bad.conf" + bad.complaint, bad.remedy, "nothing was started");
  }

  @ParameterizedTest
  @FieldSource("SETTINGS")
  void aBadSettingIsNamedWithItsLineAndTheRemedy(Case bad) {
    site.settings(bad.text);
    assertRefused(2, bad.complaint, bad.remedy, "nothing was started");
  }

  @Test
  void settingsMustExist() throws IOException {
    Files.delete(site.config());
    assertRefused(2, "config/gateway.conf: does not exist");
  }

  @Test
  void settingsMustBeAFile() throws IOException {
    Files.delete(site.config());
    Files.createDirectory(site.config());
    assertRefused(2, "config/gateway.conf: is a folder: expected a file");
  }

  @Test
  void policiesMustExist() {
    site.settings("policies.directory = ../polices");
    assertRefused(2, "/polices: does not exist");
  }

  @Test
  void policiesMustBeAFolder() {
    site.settings("policies.directory = gateway.conf");
    assertRefused(2, "config/gateway.conf: is not a folder");
  }

  @Test
  void policiesMustBeReadable() throws IOException {
    // Permissions do not stop root, under which containers run tests; a link to itself does.
    Path link = folder.resolve("policies/loop.conf");
    Files.createSymbolicLink(link, link);
    assertRefused(2, "policies/loop.conf: cannot be read");
  }

  @Test
  void thereMustBeAPolicy() throws IOException {
    Files.delete(folder.resolve("policies/chat.conf"));
    assertRefused(2, "policies: holds no policy: expected files like chat.conf in it");
  }

  @Test
  void aTakenPortIsNamedWithTheRemedy() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      site.settings("server.port = " + taken.getLocalPort());
      Ran ran = serve();
      assertThat(ran.err())
          .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort())
          .contains("stop what uses it, or choose another with server.port");
      assertThat(ran.code()).isEqualTo(1);
    }
    site.assertNothingRuns();
  }

  @Test
  void aTakenAdminPortStopsTheGatewayToo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      site.settings("admin.port = " + taken.getLocalPort());
      Ran ran = serve();
      assertThat(ran.err())
          .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort())
          .contains("stop what uses it, or choose another with admin.port");
      assertThat(ran.code()).isEqualTo(1);
    }
    site.assertNothingRuns();
  }

  @Test
  void anAddressOfAnotherMachineIsRefused() {
    site.settings("server.host = 192.0.2.1");
    assertRefused(1, "cannot listen on 192.0.2.1:" + site.port, "server.host");
  }

  @Test
  void aHostThatNobodyKnowsIsRefused() {
    site.settings("admin.host = nobody.invalid");
    assertRefused(1, "cannot listen on nobody.invalid:" + site.adminPort, "admin.host");
  }

  @Test
  void anAccessLogThatCannotBeWrittenIsNamed() {
    site.settings("access-log.file = nowhere/access.log");
    assertRefused(1, "nowhere/access.log", "access-log.file");
  }

  private void assertRefused(int code, String... said) {
    Ran ran = serve();
    assertThat(ran.err()).contains(said);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.code()).isEqualTo(code);
    site.assertNothingRuns();
  }

  private Ran serve() {
    return sluice(Map.of(), "serve", "--config", site.config().toString());
  }
}
