package io.sluice.store;

import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.ClusterLoad.until;
import static org.assertj.core.api.Assertions.assertThat;

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

/** Three masters, each with a replica; each test breaks a master of its own. */
@Timeout(180)
class ClusterFailureTest {

  private static final Bandwidth SLOW = Bandwidth.of(20, Duration.ofHours(10));
  private static final int THIRD = LocalCluster.SLOTS / 3;

  private static ClusterHouse house;
  private static LocalCluster cluster;
  private static Gateway gateway;

  @BeforeAll
  static void start() {
    house = new ClusterHouse(3, 1);
    cluster = house.cluster();
    gateway = house.gateway(Duration.ofMillis(200));
  }

  @AfterAll
  static void end() {
    house.close();
  }

  @Test
  void aKilledMasterCostsNoRequestAndItsReplicaTakesOver() {
    try (ClusterLoad load = new ClusterLoad(gateway.store())) {
      load.goOn(500);
      assertThat(load.local()).isZero();
      cluster.node(0).kill();
      until("the replica is master", () -> cluster.ownerOf(0, 3) == 3);
      long promoted = System.nanoTime();
      until("Redis decides all again", () -> mode() == Mode.REDIS);
      assertThat(Duration.ofNanos(System.nanoTime() - promoted))
          .isLessThan(Duration.ofSeconds(5));
      int local = load.goOn(100).local();
      // A starved machine may miss a deadline here and there.
      assertThat(load.goOn(500).local() - local).isLessThan(100);
      assertThat(load.failures()).isEmpty();
    }
  }

  @Test
  void aMasterThatHangsCostsNoRequestAndItsReplicaTakesOver() {
    try (ClusterLoad load = new ClusterLoad(gateway.store())) {
      load.goOn(500);
      cluster.node(1).pause();
      until("the gateway misses it", () -> mode() != Mode.REDIS);
      assertThat(gateway.nodes().status().lastProblem())
          .contains("of 3 masters away", Integer.toString(cluster.node(1).port()));
      until("the replica is master", () -> cluster.ownerOf(THIRD + 1, 4) == 4);
      until("Redis decides all again", () -> mode() == Mode.REDIS);
      int local = load.goOn(100).local();
      // A starved machine may miss a deadline here and there.
      assertThat(load.goOn(500).local() - local).isLessThan(100);
      cluster.node(1).resume();
      load.goOn(500);
      until("it is a replica", () -> cluster.node(1).send("ROLE").startsWith("slave"));
      until("Redis decides all", () -> mode() == Mode.REDIS);
      assertThat(load.failures()).isEmpty();
    } finally {
      cluster.node(1).resume();
    }
  }

  @Test
  void whatIsSpentWhileAMasterIsAwayIsDebitedAtItsSuccessor() throws Exception {
    BucketKey key = keyOf(2);
    assertThat(take(key, 5).remaining()).isEqualTo(15);
    String copied = cluster.node(2).send("WAIT", "1", "10000");
    assertThat(copied).isEqualTo("1");

    cluster.node(2).kill();
    until("its buckets are counted here", () -> peek(key).source() == Source.LOCAL);
    assertThat(take(key, 4).remaining()).isEqualTo(11);
    until("its buckets are in Redis again", () -> peek(key).source() == Source.REDIS);

    assertThat(cluster.ownerOf(2 * THIRD + 5, 5)).isEqualTo(5);
    assertThat(take(key, 1)).extracting(Verdict::source, Verdict::remaining)
        .containsExactly(Source.REDIS, 10L);
  }

  private static BucketKey keyOf(int third) {
    while (true) {
      BucketKey key = BucketStoreContract.key("chat");
      if (gateway.nodes().slotOf(key) / (THIRD + 1) == third) {
        return key;
      }
    }
  }

  private static Verdict take(BucketKey key, int tokens) throws Exception {
    return get(gateway.store().take(List.of(draw(key, SLOW, tokens)))).get(0);
  }

  private static Verdict peek(BucketKey key) {
    return gateway.store().peek(List.of(draw(key, SLOW, 1))).toCompletableFuture().join().get(0);
  }

  private static Mode mode() {
    return gateway.nodes().status().mode();
  }
}
