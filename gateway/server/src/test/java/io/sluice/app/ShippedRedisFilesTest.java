package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTls;
import io.sluice.redis.RedisTopology;
import io.sluice.tls.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings for each shape of Redis that a user may copy: loaded as the gateway loads them. */
class ShippedRedisFilesTest {

  private static final Map<String, String> SECRETS =
      Map.of("REDIS_PASSWORD", "secret", "SENTINEL_PASSWORD", "watching");

  @TempDir private Path folder;

  @BeforeEach
  void copy() throws IOException {
    Files.createDirectories(folder.resolve("config/tls"));
    Files.createDirectories(folder.resolve("config/secrets"));
    Files.createDirectories(folder.resolve("policies"));
    try (Stream<Path> files = Files.list(DockerFiles.root().resolve("config"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, folder.resolve("config").resolve(file.getFileName().toString()));
      }
    }
  }

  @Test
  void theOneForTlsNamesItsFiles() throws IOException {
    assertThat(catchThrowable(() -> load("redis-tls.conf", Map.of())))
        .hasMessageContaining("redis.password-file = secrets/redis-password: ")
        .hasMessageContaining("redis.tls.ca = tls/redis-ca.pem")
        .hasMessageContaining("there is no such file");
    TestAuthority authority = new TestAuthority();
    Path tls = folder.resolve("config/tls");
    Path ca = Files.writeString(tls.resolve("redis-ca.pem"), authority.pem());
    authority.issue("gateway").write(tls, "redis-client");
    Path password = Files.writeString(folder.resolve("config/secrets/redis-password"), "secret\n");

    RedisSettings redis = load("redis-tls.conf", Map.of());
    assertThat(redis).hasToString("rediss://redis.internal:6379/0");
    assertThat(redis.tls())
        .isEqualTo(
            new RedisTls(
                ca, tls.resolve("redis-client.pem"), tls.resolve("redis-client.key"), true));
    assertThat(redis.login()).isEqualTo(new RedisLogin("sluice", "secret", password));
  }

  @Test
  void theOneForSentinelsHasTwoLogins() {
    RedisSettings redis = load("redis-sentinel.conf", SECRETS);
    assertThat(redis)
        .hasToString(
            "redis-sentinel://sentinel-1.internal:26379,sentinel-2.internal:26379,sentinel-3.internal:26379/0#mymaster");
    assertThat(redis.login()).isEqualTo(new RedisLogin("sluice", "secret"));
    assertThat(((RedisTopology.Sentinel) redis.topology()).login())
        .isEqualTo(new RedisLogin(null, "watching"));
  }

  @Test
  void theOneForAClusterNamesMembers() {
    assertThat(load("redis-cluster.conf", SECRETS))
        .hasToString(
            "redis-cluster://redis-1.internal:6379,redis-2.internal:6379,redis-3.internal:6379");
  }

  @Test
  void theOneForASocketNamesIt() {
    RedisSettings redis = load("redis-socket.conf", SECRETS);
    assertThat(redis).hasToString("redis-socket:///run/redis/redis.sock?database=0");
    assertThat(redis.login()).isEqualTo(new RedisLogin("sluice", "secret"));
  }

  @Test
  void whatTheyOfferInOneUrlIsTheSame() {
    assertThat(
            load("redis-sentinel.conf", url("redis-sentinel://a:26379,b:26379,c:26379#mymaster")))
        .hasToString("redis-sentinel://a:26379,b:26379,c:26379/0#mymaster");
    assertThat(load("redis-cluster.conf", url("redis-cluster://a:6379,b:6379,c:6379")))
        .hasToString("redis-cluster://a:6379,b:6379,c:6379");
    RedisSettings socket = load("redis-socket.conf", SECRETS);
    assertThat(load("redis-cluster.conf", url("redis-socket:///run/redis/redis.sock")))
        .isEqualTo(socket);
  }

  private static Map<String, String> url(String url) {
    return Map.of("REDIS_URL", url, "REDIS_PASSWORD", "secret");
  }

  private RedisSettings load(String name, Map<String, String> environment) {
    return GatewayConfig.load(folder.resolve("config").resolve(name), environment).engine().redis();
  }
}
