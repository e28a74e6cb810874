package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EnvironmentVariablesTest {

  @TempDir private Path temp = Path.of("");

  @Test
  void everyVariableBeatsTheFile() {
    GatewayFile file =
        read(
            "server.port = 1, upstream = \"http://file:1\", admin { port = 1, host = file }\n"
                + "redis { enabled = true, host = file, port = 1, database = 1 }",
            Map.ofEntries(
                Map.entry("REDIS_ENABLED", "false"),
                Map.entry("REDIS_HOST", "env"),
                Map.entry("REDIS_PORT", "2"),
                Map.entry("REDIS_DB", "3"),
                Map.entry("REDIS_USERNAME", "ann"),
                Map.entry("REDIS_PASSWORD", "0123"),
                Map.entry("SLUICE_PORT", "4"),
                Map.entry("SLUICE_UPSTREAM", "http://env:5"),
                Map.entry("SLUICE_SECRET", "a secret of some length"),
                Map.entry("SLUICE_ADMIN_TOKEN", "token"),
                Map.entry("SLUICE_ADMIN_PORT", "6"),
                Map.entry("SLUICE_ADMIN_HOST", "::1")));
    EngineConfig config = EngineConfig.read(file.root());
    RedisSettings redis = config.redis();
    assertThat(messages(file)).isEmpty();
    assertThat(redis.enabled()).isFalse();
    assertThat(address(redis).host()).isEqualTo("env");
    assertThat(address(redis).port()).isEqualTo(2);
    assertThat(redis.database()).isEqualTo(3);
    assertThat(redis.login().username()).isEqualTo("ann");
    assertThat(redis.login().password()).isEqualTo("0123");
    assertThat(config.identity().secret()).isEqualTo("a secret of some length");
    assertThat(file.root().section("server").integer("port", 0, 9)).isEqualTo(4);
    assertThat(file.root().uri("upstream", "http").getHost()).isEqualTo("env");
    assertThat(file.root().section("admin").integer("port", 0, 9)).isEqualTo(6);
    assertThat(file.root().section("admin").text("host")).isEqualTo("::1");
    assertThat(file.root().section("admin").text("token")).isEqualTo("token");
  }

  @Test
  void anEmptyVariableCountsAsUnset() {
    GatewayFile file =
        read("redis.host = file, redis.port = ${?P}", Map.of("REDIS_HOST", "", "P", ""));
    RedisSettings redis = EngineConfig.read(file.root()).redis();
    assertThat(address(redis).host()).isEqualTo("file");
    assertThat(address(redis).port()).isEqualTo(6379);
    assertThat(messages(file)).isEmpty();
  }

  @Test
  void aBadValueNamesItsVariable() {
    GatewayFile file =
        read("a = 1", Map.of("REDIS_PORT", "many", "SLUICE_PORT", "99999", "REDIS_ENABLED", "2"));
    EngineConfig.read(file.root());
    file.root().section("server").integer("port", 0, 65_535);
    assertThat(messages(file))
        .contains(
            "environment variable REDIS_ENABLED: redis.enabled = 2: expected true or false",
            "environment variable REDIS_PORT: redis.port = many: expected a whole number from 1 to"
                + " 65535",
            "environment variable SLUICE_PORT: server.port = 99999: expected a whole number from 0"
                + " to 65535")
        .anyMatch(message -> message.startsWith("gateway.conf:1: unknown key 'a'"));
  }

  @Test
  void theServiceLinksOfKubernetesAreNoPorts() {
    GatewayFile file = read("redis.port = 7", Map.of("REDIS_PORT", "tcp://10.0.0.7:6379"));
    assertThat(address(EngineConfig.read(file.root()).redis()).port()).isEqualTo(7);
    assertThat(messages(file))
        .singleElement()
        .asString()
        .startsWith("environment variable REDIS_PORT: warning: ignored");
  }

  @Test
  void aUrlNamesTheWholeRedis() {
    RedisSettings redis = redis(Map.of("REDIS_URL", "redis://ann:p%40ss+1@[::1]:7000/4"));
    assertThat(address(redis).host()).isEqualTo("::1");
    assertThat(address(redis).port()).isEqualTo(7000);
    assertThat(redis.database()).isEqualTo(4);
    assertThat(redis.login().username()).isEqualTo("ann");
    assertThat(redis.login().password()).isEqualTo("p@ss+1");

    RedisSettings bare = redis(Map.of("REDIS_URL", "redis://:pass@my_redis", "REDIS_DB", "2"));
    assertThat(address(bare).host()).isEqualTo("my_redis");
    assertThat(address(bare).port()).isEqualTo(6379);
    assertThat(bare.database()).isEqualTo(2);
    assertThat(bare.login().username()).isNull();
    assertThat(bare.login().password()).isEqualTo("pass");
  }

  @Test
  void aUrlThatIsNoneIsNotShown() {
    assertThat(messages(read("", Map.of("REDIS_URL", "redis://word-without-colon@host"))))
        .singleElement()
        .asString()
        .startsWith("environment variable REDIS_URL: expected redis://user:password@host")
        .doesNotContain("word-without-colon");
    assertThat(messages(read("", Map.of("REDIS_URL", "redis://a:%zz@host")))).hasSize(1);
  }

  @Test
  void aUrlBeatsWhatTheFileSaysOfTheSame() throws IOException {
    Path password = Files.writeString(temp.resolve("password"), "of the file");
    String text = "redis.url = \"redis-sentinel://ann:of-the-file@a:1/3#m\"";
    RedisSettings bare = redis(text, Map.of("REDIS_URL", "rediss://b"));
    assertThat(bare.toString()).isEqualTo("rediss://b:6379/3");
    assertThat(bare.login()).isEqualTo(new RedisLogin("ann", "of-the-file"));

    RedisSettings whole =
        redis(
            "redis { cluster.nodes = [a], username = ann, password-file = \"%s\" }"
                .formatted(password),
            Map.of("REDIS_URL", "redis-socket://:secret@/run/r.sock?database=2"));
    assertThat(whole.toString()).isEqualTo("redis-socket:///run/r.sock?database=2");
    assertThat(whole.login()).isEqualTo(new RedisLogin(null, "secret"));
  }

  @Test
  void aHostBeatsEveryOtherWayOfTheFile() {
    assertThat(redis("redis.sentinel { master = m, nodes = [a] }", Map.of("REDIS_HOST", "b")))
        .hasToString("redis://b:6379/0");
    assertThat(redis("redis.url = \"redis://a:7/1\"", Map.of("REDIS_HOST", "b")))
        .hasToString("redis://b:7/1");
  }

  @Test
  void twoVariablesThatSayWhereRedisIsAreAProblem() {
    assertThat(messages(read("", Map.of("REDIS_URL", "redis://a", "REDIS_HOST", "b"))))
        .containsExactly(
            "environment variable REDIS_URL: REDIS_HOST is set too: expected only one of them");
    GatewayFile file = read("redis.socket = /run/a", Map.of("REDIS_PORT", "7"));
    EngineConfig.read(file.root());
    assertThat(messages(file))
        .containsExactly(
            "gateway.conf:1: redis.socket = /run/a: redis.port says where Redis is: expected one of"
                + " url, host, socket, sentinel and cluster");
  }

  @Test
  void aFileMayHoldTheSecret() throws IOException {
    Path password = Files.writeString(temp.resolve("password"), " a b \n");
    RedisLogin login =
        redis("redis.password = x", Map.of("REDIS_PASSWORD_FILE", password.toString())).login();
    assertThat(login).isEqualTo(new RedisLogin(null, " a b ", password));
    RedisLogin plain =
        redis(
                "redis.password-file = \"%s\"".formatted(password),
                Map.of("REDIS_PASSWORD", "from the environment"))
            .login();
    assertThat(plain).isEqualTo(new RedisLogin(null, "from the environment"));
  }

  @Test
  void aSecretFileThatCannotBeUsedIsAProblem() throws IOException {
    Path empty = Files.writeString(temp.resolve("empty"), "\n");
    Path missing = temp.resolve("missing");
    GatewayFile file =
        read(
            "",
            Map.of(
                "REDIS_PASSWORD_FILE",
                missing.toString(),
                "SLUICE_SECRET_FILE",
                empty.toString(),
                "SLUICE_ADMIN_TOKEN_FILE",
                "\0",
                "SLUICE_ADMIN_TOKEN",
                "too"));
    assertThat(messages(file))
        .containsExactly(
            "environment variable REDIS_PASSWORD_FILE: "
                + missing
                + " cannot be read: expected a readable file with the secret in it",
            "environment variable SLUICE_ADMIN_TOKEN_FILE: SLUICE_ADMIN_TOKEN is set too: expected"
                + " only one of them",
            "environment variable SLUICE_ADMIN_TOKEN_FILE: ? cannot be read: expected a readable"
                + " file with the secret in it",
            "environment variable SLUICE_SECRET_FILE: "
                + empty
                + " is empty: expected the secret in it");
  }

  @Test
  void aSubstitutionThatMustBeThereNamesItsLine() {
    assertThat(messages(read("\nredis.host = ${NOWHERE}", Map.of())))
        .containsExactly(
            "gateway.conf:2: a substitution names nothing that is set: expected ${?NAME}, which may"
                + " be unset");
    assertThat(messages(read("redis.host = ${HERE}", Map.of("HERE", "a")))).isEmpty();
  }

  private static RedisAddress address(RedisSettings redis) {
    return ((RedisTopology.Standalone) redis.topology()).address();
  }

  private static RedisSettings redis(Map<String, String> environment) {
    return redis("", environment);
  }

  private static RedisSettings redis(String text, Map<String, String> environment) {
    GatewayFile file = read(text, environment);
    RedisSettings redis = EngineConfig.read(file.root()).redis();
    assertThat(messages(file)).isEmpty();
    return redis;
  }

  private static GatewayFile read(String text, Map<String, String> environment) {
    return GatewayFile.of("gateway.conf", Path.of("/etc/sluice"), text, environment);
  }

  private static List<String> messages(GatewayFile file) {
    return file.problems().all().stream().map(Problem::toString).toList();
  }
}
