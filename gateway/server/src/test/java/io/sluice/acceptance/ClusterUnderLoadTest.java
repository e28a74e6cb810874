package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalCluster;
import io.sluice.fixtures.LocalRedis;
import io.sluice.store.StoreStatus.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole gateways on a cluster of three masters and three replicas. */
@Timeout(180)
class ClusterUnderLoadTest {

  private static LocalCluster cluster;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    cluster = LocalCluster.start(3, 1);
  }

  @AfterAll
  static void end() {
    cluster.close();
  }

  @Test
  void ofTwoHundredAtOnceOverTwoGatewaysTwentyPassAlsoWhereEverybodySharesALimit()
      throws Exception {
    try (House house = new House(folder)) {
      // The bucket of everybody lies in another slot than that of the user.
      house.policy(
          "chat",
          """
          match = "POST /api/chat/**"
          limits = [
            { id = user, key = user, rate = 20/hour }
            { id = everybody, key = global, rate = 50/hour }
          ]
          """);
      List<Gateway> gateways = List.of(gateway(house, "5s"), gateway(house, "5s"));
      assertThat(passed(house, gateways, "alice")).isEqualTo(20);
      assertThat(passed(house, gateways, "bob")).isEqualTo(20);
      assertThat(passed(house, gateways, "carol")).isEqualTo(10);
    }
  }

  private static long passed(House house, List<Gateway> gateways, String user) {
    List<CompletableFuture<Integer>> statuses =
        IntStream.range(0, 200)
            .mapToObj(i ->
                house.chatLater(gateways.get(i % 2), user).thenApply(answer -> answer.statusCode()))
            .toList();
    Map<Integer, Long> counts =
        statuses.stream()
            .map(CompletableFuture::join)
            .collect(Collectors.groupingBy(s -> s, Collectors.counting()));
    assertThat(counts).containsOnlyKeys(201, 429);
    return counts.getOrDefault(201, 0L);
  }

  @Test
  void noRequestFailsWhileAMasterIsKilledAndItsReplicaTakesOver() throws Exception {
    try (House house = new House(folder)) {
      Gateway gateway = gateway(house, "200ms");
      Eventually.becomes("Redis decides", () -> mode(gateway) == Mode.REDIS);
      try (Load load = Load.start(house, gateway)) {
        load.goOn(300);
        cluster.node(0).kill();
        Eventually.becomes("a node is away", () -> mode(gateway) != Mode.REDIS);
        assertThat(house.admin(gateway, "GET", "/health/ready").statusCode()).isEqualTo(200);
        assertThat(house.admin(gateway, "GET", "/admin/store").body())
            .contains("redis-cluster://", "\"open\"", "masters away");
        Eventually.becomes("the replica is master", () -> cluster.ownerOf(0, 3) == 3);
        Eventually.becomes("Redis decides all again", () -> mode(gateway) == Mode.REDIS);
        load.goOn(300);
        assertThat(load.outcomes()).containsOnlyKeys("200");
      }
      cluster.node(0).restart();
      Eventually.becomes(
          "there is a replica again", () -> cluster.node(0).send("ROLE").startsWith("slave"));
    }
  }

  @Test
  void noRequestFailsAndNoneIsLostWhileSlotsMove() throws Exception {
    try (House house = new House(folder)) {
      house.policy("default", "limits = [ { key = user, rate = 100000/hour } ]");
      Gateway gateway = gateway(house, "5s");
      try (Load load = Load.start(house, gateway)) {
        load.goOn(300);
        LocalRedis from = cluster.node(1);
        LocalRedis to = cluster.node(2);
        List<Integer> slots = slotsInUse(from);
        assertThat(slots).isNotEmpty();
        for (int slot : slots) {
          cluster.move(slot, from, to);
        }
        load.goOn(300);
        assertThat(load.outcomes()).containsOnlyKeys("200");
        assertThat(from.send("INFO", "errorstats")).contains("errorstat_MOVED");
      }
      assertThat(gateway.engine().storeStatus().localDecisions()).isZero();
    }
  }

  private static List<Integer> slotsInUse(LocalRedis node) {
    return node.send("KEYS", "sluice:default:main:*")
        .lines()
        .map(key -> Integer.parseInt(node.send("CLUSTER", "KEYSLOT", key)))
        .distinct()
        .limit(40)
        .toList();
  }

  private static Gateway gateway(House house, String timeout) throws IOException {
    String nodes =
        cluster.ports().stream()
            .map(port -> "\"127.0.0.1:" + port + '"')
            .collect(Collectors.joining(","));
    return house.gateway("redis { cluster.nodes = [%s], timeout = %s }".formatted(nodes, timeout));
  }

  private static Mode mode(Gateway gateway) {
    return gateway.engine().storeStatus().mode();
  }
}
