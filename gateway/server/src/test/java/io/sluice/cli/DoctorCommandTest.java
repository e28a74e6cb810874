package io.sluice.cli;

import static io.sluice.cli.Ran.sluice;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.sluice.fixtures.FreePort;
import io.sluice.fixtures.LocalRedis;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code doctor} prints and how it ends, as a shell sees it. */
@Timeout(120)
class DoctorCommandTest {

  private static final String PASSWORD = "hunter2-and-more";

  private static LocalRedis redis;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    redis = LocalRedis.builder().directive("maxmemory 64mb").start();
    redis.send("CONFIG", "SET", "maxmemory-policy", "volatile-ttl");
    redis.send(
        ("ACL SETUSER sluice on >"
                + PASSWORD
                + " resetchannels ~sluice:* -@all +@connection"
                + " +eval +evalsha +time +del +get +mget +set +pexpire"
                + " +zadd +zrem +zremrangebyscore +zcard")
            .split(" ", -1));
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @Test
  void aGatewayOfLeastPrivilegeIsFine() {
    Ran ran = doctor(Map.of("REDIS_USERNAME", "sluice", "REDIS_PASSWORD", PASSWORD));
    assertThat(ran.out())
        .startsWith("redis://127.0.0.1:" + redis.port() + "/0\n\nserver\n  ok ")
        .contains("not looked at\n  note ")
        .contains(" 0 warnings, 0 errors\n");
    assertThat(ran.code()).isZero();
    assertThat(ran.err()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"--admin-url", "SLUICE_DOCTOR_ADMIN_URL"})
  void anotherLoginSeesMore(String way) {
    String url = "redis://127.0.0.1:" + redis.port();
    Map<String, String> gateway =
        new HashMap<>(Map.of("REDIS_USERNAME", "sluice", "REDIS_PASSWORD", PASSWORD));
    Ran ran;
    if (way.startsWith("--")) {
      ran = doctor(gateway, way + '=' + url.replace("//", "//default:any@"));
    } else {
      gateway.put(way, url.replace("//", "//default:any@"));
      ran = doctor(gateway);
    }
    assertThat(ran.out())
        .contains("maxmemory-policy is volatile-ttl", "may do no more than that")
        .doesNotContain("not looked at");
    assertThat(ran.code()).isZero();
  }

  @Test
  void warningsAreAnExitCode() {
    Ran ran = doctor(Map.of());
    assertThat(ran.out()).contains("  warning  user default may also: FLUSHALL");
    assertThat(ran.code()).isEqualTo(1);
  }

  @Test
  void jsonIsForScripts() {
    Ran ran = doctor(Map.of(), "--json");
    Config json =
        ConfigFactory.parseString(
            ran.out(), ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON));
    assertThat(json.getString("redis")).isEqualTo("redis://127.0.0.1:" + redis.port() + "/0");
    assertThat(json.getString("worst")).isEqualTo("warning");
    assertThat(json.getConfig("counts").root().keySet())
        .containsExactlyInAnyOrder("ok", "note", "warning", "error");
    List<? extends Config> findings = json.getConfigList("findings");
    assertThat(findings).hasSizeGreaterThan(10);
    assertThat(findings)
        .allSatisfy(finding ->
            assertThat(finding.root().keySet())
                .containsExactlyInAnyOrder("group", "name", "severity", "seen", "why", "remedy"));
    assertThat(findings.stream().map(finding -> finding.getString("name")))
        .contains("reachable", "rights-excess", "eviction-policy", "round-trip");
    assertThat(ran.code()).isEqualTo(1);
  }

  @Test
  void aWrongPasswordIsAnErrorAndIsNotShown() {
    Ran ran = doctor(Map.of("REDIS_USERNAME", "sluice", "REDIS_PASSWORD", PASSWORD + "x"));
    assertThat(ran.out()).contains("  error    ", "WRONGPASS", "1 error\n");
    assertThat(ran.out() + ran.err()).doesNotContain(PASSWORD);
    assertThat(ran.code()).isEqualTo(2);
  }

  @Test
  void aRedisThatIsNotThereIsAnError() {
    Ran ran = doctor(Map.of("REDIS_PORT", Integer.toString(FreePort.choose())), "--json");
    assertThat(ran.out()).contains("\"worst\" : \"error\"", "connection refused");
    assertThat(ran.code()).isEqualTo(2);
  }

  @Test
  void withoutRedisByChoiceAllIsFine() {
    Ran ran = doctor(Map.of("REDIS_ENABLED", "false"));
    assertThat(ran.out()).contains("redis.enabled is false: each gateway keeps buckets of its own");
    assertThat(ran.code()).isZero();
  }

  @Test
  void settingsThatCannotBeReadAreBadInput() {
    Ran ran = doctor(Map.of("REDIS_PORT", "x"));
    assertThat(ran.err()).contains("environment variable REDIS_PORT");
    assertThat(ran.code()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "--timeout 10, '--timeout', expected a whole number and a unit",
    "--timeout 5m, '--timeout', did you mean 5min?",
    "--jsn, '--jsn', Possible solutions: --json",
    "here, 'here', Unmatched argument"
  })
  void whatIsUnknownIsNamed(String arguments, String named, String remedy) {
    Ran ran = doctor(Map.of(), arguments.split(" ", -1));
    assertThat(ran.err()).contains(named, remedy);
    assertThat(ran.code()).isEqualTo(2);
  }

  @Test
  void aBadUrlIsNamedAsItWasGivenAndNotShown() {
    Ran ran = doctor(Map.of(), "--admin-url=http://admin:" + PASSWORD + "@127.0.0.1");
    assertThat(ran.err())
        .startsWith("--admin-url: expected ")
        .doesNotContain("REDIS_URL", PASSWORD);
    assertThat(ran.code()).isEqualTo(2);
  }

  private Ran doctor(Map<String, String> environment, String... more) {
    Site site =
        new Site(folder)
            .settings(
                "redis { enabled = true, host = 127.0.0.1, timeout = 10s, port = "
                    + redis.port()
                    + " }");
    List<String> arguments = new ArrayList<>(List.of("doctor"));
    arguments.add("--config=" + site.config());
    arguments.addAll(List.of(more));
    return sluice(environment, arguments.toArray(String[]::new));
  }
}
