package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FreePort;
import io.sluice.fixtures.LocalCluster;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LocalTls;
import io.sluice.redis.ClusterLink;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTls;
import io.sluice.redis.RedisTopology;
import io.sluice.store.StoreStatus.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster whose nodes speak nothing but TLS, also among themselves, and want certificates. */
@Timeout(120)
class ClusterTlsTest {

  private static final String NO_TLS =
      "does not take part in a TLS handshake within 800 ms; it hangs, or speaks no TLS: name its"
          + " tls-port in redis.cluster.nodes, set tls-cluster yes, or leave TLS out";

  @TempDir private Path folder;

  private Certificates certificates;

  @BeforeEach
  void issue() throws IOException {
    certificates = new Certificates(folder.resolve("tls"));
  }

  @Test
  void aGatewayDecidesFollowsSlotsThatMoveAndAReplicaThatTakesOver() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(certificates.redis(), 3, 1);
        House house = new House(folder)) {
      house.policy(
          "chat", "match = \"POST /api/chat/**\"\nlimits = [ { key = user, rate = 20/hour } ]");
      Gateway gateway = house.gateway("redis { timeout = 200ms }", redis(cluster));
      Eventually.becomes("Redis decides", () -> mode(gateway) == Mode.REDIS);
      assertThat(remaining(house, gateway)).isEqualTo("19");

      LocalRedis from = holder(cluster);
      LocalRedis to = cluster.node(from.equals(cluster.node(1)) ? 2 : 1);
      cluster.move(Integer.parseInt(from.send("CLUSTER", "KEYSLOT", key(from))), from, to);
      assertThat(remaining(house, gateway)).isEqualTo("18");
      assertThat(from.send("INFO", "errorstats")).contains("errorstat_MOVED");
      assertThat(holder(cluster)).isSameAs(to);

      try (Load load = Load.start(house, gateway)) {
        load.goOn(300);
        cluster.node(0).kill();
        Eventually.becomes("a node is away", () -> mode(gateway) != Mode.REDIS);
        Eventually.becomes("the replica is master", () -> cluster.ownerOf(0, 3) == 3);
        Eventually.becomes("Redis decides all again", () -> mode(gateway) == Mode.REDIS);
        load.goOn(300);

        assertThat(load.outcomes()).containsOnlyKeys("200");
      }
    }
  }

  @Test
  void aNodeOfAnotherAuthorityIsRefused() throws Exception {
    assertProblem(
        certificates.redis(),
        certificates.misled(),
        "shows a certificate of an authority that is not believed; name the authority's own in"
            + " redis.tls.ca");
  }

  @Test
  void aNodeThatDoesNotBelieveTheGatewayIsNamed() throws Exception {
    assertProblem(
        certificates.redis(),
        certificates.anonymous(),
        "wants a certificate of the gateway; set redis.tls.certificate and redis.tls.key");
    assertProblem(
        certificates.redis(),
        certificates.foreign(),
        "does not accept the gateway's certificate (unknown_ca)");
  }

  @Test
  void aNodeWithoutTlsAndOneWithNothingElseAreNamed() throws Exception {
    assertProblem(null, certificates.gateway(), NO_TLS);
    assertProblem(
        certificates.redis(),
        null,
        "closes connections at once; it is shutting down, full, or no Redis, or speaks TLS only:"
            + " set redis.tls.enabled");
  }

  /** What Redis 7.0 does where there is no {@code tls-cluster yes}. */
  @Test
  void aClusterThatAnnouncesItsPlainPortsIsNamed() throws Exception {
    LocalTls tls = certificates.redis();
    int port = FreePort.choose();
    try (LocalRedis alone =
            LocalRedis.builder()
                .tls(port, tls.ca(), tls.certificate(), tls.key())
                .directive("cluster-enabled yes")
                .directive("cluster-port " + FreePort.choose())
                .start();
        ClusterLink link = link(port, certificates.gateway())) {
      alone.send("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      Eventually.becomes("it is known who serves", () -> link.owner(0) != null);
      Eventually.becomes(
          "the problem is: " + NO_TLS,
          () -> link.owner(0).link().lastProblem().orElse("").contains(NO_TLS));
    }
  }

  private static void assertProblem(@Nullable LocalTls shown, @Nullable RedisTls own, String text)
      throws Exception {
    try (LocalRedis node = LocalRedis.builder().onlyTls(shown).start();
        ClusterLink link = link(node.port(), own)) {
      assertThat(link.awaitSlots(Duration.ofSeconds(20))).isTrue();
      String scheme = own == null ? "redis" : "rediss";
      String problem =
          "no node of %s-cluster://127.0.0.1:%d tells who serves its slots: %s://127.0.0.1:%d/0 %s"
              .formatted(scheme, node.port(), scheme, node.port(), text);
      Eventually.becomes(
          "the problem is: " + problem, () -> link.problem().orElse("").startsWith(problem));
      assertThat(link.isUp()).isFalse();
    }
  }

  private static ClusterLink link(int port, @Nullable RedisTls tls) {
    RedisSettings plain =
        RedisSettings.at("nowhere", 1)
            .with(new RedisTopology.Cluster(List.of(new RedisAddress(LocalRedis.HOST, port))))
            .with(Duration.ofSeconds(1));
    return new ClusterLink(
        tls == null ? plain : plain.with(tls),
        () -> System.currentTimeMillis() * 1_000_000,
        System::nanoTime);
  }

  private static String remaining(House house, Gateway gateway) {
    return house
        .chat(gateway, "alice")
        .headers()
        .firstValue("X-RateLimit-Remaining")
        .orElse("none");
  }

  private static LocalRedis holder(LocalCluster cluster) {
    return IntStream.range(0, 3)
        .mapToObj(cluster::node)
        .filter(node -> !key(node).isEmpty())
        .findFirst()
        .orElseThrow();
  }

  private static String key(LocalRedis node) {
    return node.send("KEYS", "sluice:chat:main:*");
  }

  private String redis(LocalCluster cluster) {
    String nodes =
        cluster.ports().stream()
            .map(port -> "\"127.0.0.1:" + port + '"')
            .collect(Collectors.joining(","));
    return "redis { %s, cluster.nodes = [%s] }".formatted(certificates.block(), nodes);
  }

  private static Mode mode(Gateway gateway) {
    return gateway.engine().storeStatus().mode();
  }
}
