package io.sluice.store;

import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.LocalCluster;
import io.sluice.fixtures.LocalRedis;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.store.ClusterHouse.Gateway;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Slots go from one master to another while two gateways use them. */
@Timeout(180)
class ClusterReshardTest {

  private static final Bandwidth EXACT = Bandwidth.of(100_000, Duration.ofDays(1_000));
  private static final Duration PATIENT = Duration.ofSeconds(5);

  private static ClusterHouse house;
  private static LocalCluster cluster;
  private static Gateway one;
  private static Gateway two;

  @BeforeAll
  static void start() {
    house = new ClusterHouse(2, 0, LocalCluster.STEADY);
    cluster = house.cluster();
    one = house.gateway(PATIENT);
    two = house.gateway(PATIENT);
  }

  @AfterAll
  static void end() {
    house.close();
  }

  @Test
  void slotsMoveToAnotherMasterUnderLoadWithoutAFailureAndExactly() throws Exception {
    move(cluster.node(0), cluster.node(1));
  }

  @Test
  void slotsMoveToAMasterThatHasJustJoined() throws Exception {
    move(cluster.node(1), cluster.join(LocalCluster.STEADY));
    assertThat(one.nodes().status().lastProblem()).isNull();
  }

  private void move(LocalRedis from, LocalRedis to) throws Exception {
    List<BucketKey> keys = keysAt(from);
    AtomicIntegerArray granted = new AtomicIntegerArray(keys.size());
    AtomicInteger over = new AtomicInteger();
    ExecutorService callers = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Gateway gateway = i % 2 == 0 ? one : two;
        ends.add(
            callers.submit(() -> {
              while (over.get() == 0) {
                int number = ThreadLocalRandom.current().nextInt(keys.size());
                grant(gateway, pair(keys.get(number)));
                granted.incrementAndGet(number);
              }
              return over;
            }));
      }
      for (BucketKey key : keys) {
        cluster.move(one.nodes().slotOf(key), from, to);
      }
      over.set(1);
      for (Future<?> end : ends) {
        end.get(30, TimeUnit.SECONDS);
      }
    } finally {
      callers.shutdownNow();
    }
    for (int i = 0; i < keys.size(); i++) {
      for (Verdict seen : get(two.store().peek(pair(keys.get(i))))) {
        assertThat(seen.source()).isEqualTo(Source.REDIS);
        assertThat(seen.remaining()).isEqualTo(EXACT.capacity() - granted.get(i));
      }
      assertThat(cluster.ownerOf(one.nodes().slotOf(keys.get(i)), 0))
          .isEqualTo(cluster.ports().indexOf(to.port()));
    }
    assertThat(from.send("INFO", "errorstats")).contains("errorstat_MOVED");
  }

  /** Returns keys of a slot each; other tests move slots too. */
  private static List<BucketKey> keysAt(LocalRedis node) {
    int owner = cluster.ports().indexOf(node.port());
    Set<Integer> slots = new HashSet<>();
    List<BucketKey> keys = new ArrayList<>();
    while (keys.size() < 12) {
      BucketKey key = key("chat");
      int slot = one.nodes().slotOf(key);
      if (cluster.ownerOf(slot, owner) == owner && slots.add(slot)) {
        keys.add(key);
      }
    }
    return keys;
  }

  @Test
  void aSlotWhoseMoveHangsIsCountedExactlyAllTheSame() throws Exception {
    LocalRedis from = cluster.node(0);
    LocalRedis to = cluster.node(1);
    BucketKey key = key("chat");
    while (one.nodes().slotOf(key) >= LocalCluster.SLOTS / 2) {
      key = key("chat");
    }
    int slot = one.nodes().slotOf(key);
    BucketKey later = new BucketKey("later", "main", key.caller());
    List<Draw> both = List.of(draw(key, EXACT, 1), draw(later, EXACT, 1));
    grant(one, List.of(draw(key, EXACT, 1)));
    cluster.beginMove(slot, from, to);
    // One of the buckets is at the old node, the other, which is new, can only be at the next one.
    for (int i = 0; i < 10; i++) {
      grant(i % 2 == 0 ? one : two, both);
    }
    assertThat(from.send("INFO", "errorstats")).contains("errorstat_TRYAGAIN", "errorstat_ASK");
    assertThat(get(two.store().peek(both)))
        .extracting(Verdict::remaining)
        .containsExactly(EXACT.capacity() - 11, EXACT.capacity() - 10);
    List<Draw> tooMuch = List.of(draw(key, EXACT, 1), draw(later, EXACT, EXACT.capacity() - 9));
    assertThat(get(one.store().take(tooMuch)))
        .extracting(Verdict::granted)
        .containsExactly(true, false);
    assertThat(cluster.moveKeys(slot, from, to)).isEqualTo(1);
    grant(two, both);
    cluster.endMove(slot, to);
    grant(one, both);
    assertThat(get(two.store().peek(both)))
        .extracting(Verdict::remaining)
        .containsExactly(EXACT.capacity() - 13, EXACT.capacity() - 12);
  }

  private static List<Draw> pair(BucketKey key) {
    return List.of(draw(key, EXACT, 1), draw(new BucketKey("day", "main", key.caller()), EXACT, 1));
  }

  private static void grant(Gateway gateway, List<Draw> draws) throws Exception {
    assertThat(get(gateway.store().take(draws)))
        .allMatch(verdict -> verdict.granted() && verdict.source() == Source.REDIS);
  }
}
