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

/** Three masters, each with a replica; each test breaks a master of its own. */
@Timeout(180)
class ClusterFailureTest {

  private static final Bandwidth SLOW = Bandwidth.of(20, Duration.ofHours(10));

  /** A second on a machine that is not starved. */
  private static final Duration BACK = Duration.ofSeconds(5);

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
    int master = cluster.ownerOf(0);
    int replica = cluster.partnerOf(master);
    try (ClusterLoad load = new ClusterLoad(gateway.store())) {
      load.goOnInRedis(300);
      cluster.node(master).kill();
      Eventually.becomes("the gateway misses it", () -> mode() != Mode.REDIS);
      Eventually.becomes("the replica is master", () -> cluster.ownerOf(0, replica) == replica);
      long promoted = System.nanoTime();
      Eventually.becomes("Redis decides all again", () -> mode() == Mode.REDIS);
      assertThat(Duration.ofNanos(System.nanoTime() - promoted)).isLessThan(BACK);
      load.goOnInRedis(300);
      assertThat(load.local()).isPositive();
      assertThat(load.failures()).isEmpty();
    }
  }

  @Test
  void aMasterThatHangsCostsNoRequestAndItsReplicaTakesOver() {
    int master = cluster.ownerOf(THIRD + 1);
    int replica = cluster.partnerOf(master);
    try (ClusterLoad load = new ClusterLoad(gateway.store())) {
      load.goOnInRedis(300);
      cluster.node(master).pause();
      String away = "of 3 masters away: redis://127.0.0.1:" + cluster.node(master).port() + '/';
      Eventually.becomes(
          "the gateway misses it",
          () -> String.valueOf(gateway.nodes().status().lastProblem()).contains(away));
      Eventually.becomes(
          "the replica is master", () -> cluster.ownerOf(THIRD + 1, replica) == replica);
      Eventually.becomes("Redis decides all again", () -> mode() == Mode.REDIS);
      load.goOnInRedis(300);
      cluster.node(master).resume();
      Eventually.becomes(
          "it is a replica", () -> cluster.node(master).send("ROLE").startsWith("slave"));
      load.goOnInRedis(300);
      assertThat(load.local()).isPositive();
      assertThat(load.failures()).isEmpty();
    } finally {
      cluster.node(master).resume();
    }
  }

  @Test
  void whatIsSpentWhileAMasterIsAwayIsDebitedAtItsSuccessor() throws Exception {
    BucketKey key = gateway.keyOf(2);
    int slot = gateway.nodes().slotOf(key);
    Eventually.becomes("it is in Redis", () -> peek(key).source() == Source.REDIS);
    assertThat(take(key, 5))
        .extracting(Verdict::source, Verdict::remaining)
        .containsExactly(Source.REDIS, 15L);
    int master = cluster.ownerOf(slot);
    assertThat(cluster.node(master).send("WAIT", "1", "10000")).isEqualTo("1");

    cluster.node(master).kill();
    Eventually.becomes("its buckets are counted here", () -> peek(key).source() == Source.LOCAL);
    assertThat(take(key, 4))
        .extracting(Verdict::source, Verdict::remaining)
        .containsExactly(Source.LOCAL, 11L);
    Eventually.becomes("its bucket is in Redis again", () -> isInRedisLessWhatWasSpentHere(key));

    assertThat(take(key, 1))
        .extracting(Verdict::source, Verdict::remaining)
        .containsExactly(Source.REDIS, 10L);
    assertThat(cluster.ownerOf(slot)).isEqualTo(cluster.partnerOf(master));
  }

  /** From the first answer of Redis on. */
  private static boolean isInRedisLessWhatWasSpentHere(BucketKey key) {
    Verdict seen = peek(key);
    boolean shared = seen.source() == Source.REDIS;
    assertThat(!shared || seen.remaining() == 11).as("%s", seen).isTrue();
    return shared;
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
