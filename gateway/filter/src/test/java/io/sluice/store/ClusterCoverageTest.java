package io.sluice.store;

import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalCluster;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.store.ClusterHouse.Gateway;
import io.sluice.store.StoreStatus.Mode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three masters without replicas, so that what is lost has no successor. */
@Timeout(180)
class ClusterCoverageTest {

  private static final Bandwidth SLOW = Bandwidth.of(2_000, Duration.ofDays(1_000));

  private static ClusterHouse house;
  private static LocalCluster cluster;
  private static Gateway gateway;

  private int taken;

  @BeforeAll
  static void start() {
    house = new ClusterHouse(3, 0);
    cluster = house.cluster();
    gateway = house.gateway(Duration.ofMillis(200));
  }

  @AfterAll
  static void end() {
    house.close();
  }

  @Test
  void aClusterThatIsDownDecidesNothingUntilItIsWhole() {
    everyNode("CONFIG", "SET", "cluster-require-full-coverage", "yes");
    try (ClusterLoad load = new ClusterLoad(gateway.store())) {
      cluster.node(2).kill();
      Eventually.becomes("no node decides", () -> gateway.nodes().status().mode() == Mode.LOCAL);
      assertThat(gateway.nodes().status().lastProblem())
          .contains("3 of 3 masters away")
          .contains("CLUSTERDOWN")
          .contains("cluster-require-full-coverage");
      int local = load.local();
      load.goOn(500);
      assertThat(load.local()).isGreaterThanOrEqualTo(local + 500);
      cluster.node(2).restart();
      Eventually.becomes(
          "Redis decides again", () -> gateway.nodes().status().mode() == Mode.REDIS);
      assertThat(load.failures()).isEmpty();
    }
  }

  @Test
  void onlyTheBucketsOfALostMasterAreCountedHere() {
    everyNode("CONFIG", "SET", "cluster-require-full-coverage", "no");
    try (ClusterLoad load = new ClusterLoad(gateway.store())) {
      load.goOn(200);
      cluster.node(1).kill();
      Eventually.becomes("a node is away", () -> gateway.nodes().status().mode() == Mode.PARTLY);
      load.goOn(1_000);
      assertThat(gateway.nodes().status().mode()).isEqualTo(Mode.PARTLY);
      for (int third = 0; third < 3; third++) {
        assertThat(source(third)).isEqualTo(third == 1 ? Source.LOCAL : Source.REDIS);
      }
      cluster.node(1).restart();
      Eventually.becomes(
          "Redis decides all again", () -> gateway.nodes().status().mode() == Mode.REDIS);
      assertThat(source(1)).isEqualTo(Source.REDIS);
      assertThat(load.failures()).isEmpty();
    }
  }

  @Test
  void allNodesGoAwayAndComeBack() {
    try (ClusterLoad load = new ClusterLoad(gateway.store())) {
      load.goOn(200);
      for (int i = 0; i < 3; i++) {
        cluster.node(i).kill();
      }
      Eventually.becomes("all are away", () -> gateway.nodes().status().mode() == Mode.LOCAL);
      load.goOn(500);
      for (int i = 0; i < 3; i++) {
        cluster.node(i).restart();
      }
      Eventually.becomes(
          "Redis decides again", () -> gateway.nodes().status().mode() == Mode.REDIS);
      load.goOnInRedis(300);
      assertThat(load.failures()).isEmpty();
    }
  }

  @Test
  void anotherMasterThatIsLostBeginsNoOtherOutage() {
    everyNode("CONFIG", "SET", "cluster-require-full-coverage", "no");
    cluster.node(1).kill();
    Eventually.becomes("a node is away", () -> gateway.nodes().status().mode() == Mode.PARTLY);
    for (int i = 0; i < 3; i++) {
      assertThat(source(1)).isEqualTo(Source.LOCAL);
    }
    cluster.node(2).kill();
    String second = Integer.toString(cluster.node(2).port());
    Eventually.becomes(
        "another one is",
        () -> String.valueOf(gateway.nodes().status().lastProblem()).contains(second));
    assertThat(gateway.nodes().status().lastOutage().counted()).isEqualTo(3);
    cluster.node(1).restart();
    cluster.node(2).restart();
    Eventually.becomes(
        "Redis decides all again", () -> gateway.nodes().status().mode() == Mode.REDIS);
  }

  @Test
  void aSlotThatNoNodeServesIsCountedHere() throws Exception {
    Gateway other = house.gateway(Duration.ofMillis(200));
    BucketKey key = gateway.keyOf(0);
    String slot = beServedByNobody(key);
    Eventually.becomes(
        "the operator can",
        () ->
            gateway.nodes().status().mode() == Mode.PARTLY
                && String.valueOf(gateway.nodes().status().lastProblem())
                    .contains("1 slots are served by no node"));
    assertThat(source(1)).isEqualTo(Source.REDIS);
    assign(slot);
    BucketKey neighbour = new BucketKey("search", "main", key.caller());
    Eventually.becomes("Redis decides again", () -> source(neighbour) == Source.REDIS);
    Eventually.becomes("what was spent is debited", () -> spent(other, key) == taken);
    Eventually.becomes("all is well", () -> gateway.nodes().status().mode() == Mode.REDIS);
  }

  @Test
  void whatWasSpentInASlotThatNobodyNamesAgainIsDebitedAtTheEnd() throws Exception {
    Gateway other = house.gateway(Duration.ofMillis(200));
    BucketKey key = gateway.keyOf(0);
    String slot = beServedByNobody(key);
    assertThat(gateway.nodes().awaitSettled(Duration.ofSeconds(20))).as("owed").isFalse();
    assign(slot);
    Eventually.becomes("all is well", () -> gateway.nodes().status().mode() == Mode.REDIS);
    assertThat(gateway.nodes().awaitSettled(Duration.ofSeconds(20))).isTrue();
    Eventually.becomes("what was spent is debited", () -> spent(other, key) == taken);
  }

  /** Returns the slot of a bucket, of which the first token is spent in Redis, the last here. */
  private String beServedByNobody(BucketKey key) {
    everyNode("CONFIG", "SET", "cluster-require-full-coverage", "no");
    Eventually.becomes("Redis decides", () -> counted(key) == Source.REDIS);
    String slot = Integer.toString(gateway.nodes().slotOf(key));
    everyNode("CLUSTER", "DELSLOTS", slot);
    Eventually.becomes("the gateway knows it", () -> counted(key) == Source.LOCAL);
    return slot;
  }

  private static void assign(String slot) {
    assertThat(cluster.node(0).send("CLUSTER", "ADDSLOTS", slot)).isEqualTo("OK");
    assertThat(cluster.ownerOf(Integer.parseInt(slot))).isZero();
  }

  private Source counted(BucketKey key) {
    taken++;
    return source(key);
  }

  private static long spent(Gateway gateway, BucketKey key) throws Exception {
    Verdict seen = get(gateway.store().peek(List.of(draw(key, SLOW, 1)))).get(0);
    return seen.source() == Source.REDIS ? SLOW.capacity() - seen.remaining() : -1;
  }

  private static void everyNode(String... command) {
    for (int i = 0; i < 3; i++) {
      assertThat(cluster.node(i).send(command)).isEqualTo("OK");
    }
  }

  private static Source source(int third) {
    return source(gateway.keyOf(third));
  }

  private static Source source(BucketKey key) {
    return gateway
        .store()
        .take(List.of(draw(key, SLOW, 1)))
        .toCompletableFuture()
        .join()
        .get(0)
        .source();
  }
}
