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
import io.sluice.store.StoreStatus.Mode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ClusterFailureTest {

  private static final Bandwidth WIDE = Bandwidth.of(1_000_000, Duration.ofHours(1));
  private static final Duration PATIENT = Duration.ofMillis(500);

  @Test
  void aKilledMasterCostsNoRequestAndItsReplicaTakesOver() throws Exception {
    try (ClusterHouse house = new ClusterHouse(3, 1)) {
      Gateway gateway = house.gateway(PATIENT);
      LocalCluster cluster = house.cluster();
      try (Load load = new Load(gateway)) {
        load.goOn(500);
        assertThat(load.local).hasValue(0);

        cluster.node(0).kill();
        until("a node is away", () -> mode(gateway) != Mode.REDIS);
        long away = System.nanoTime();
        assertThat(mode(gateway)).isIn(Mode.PARTLY, Mode.LOCAL);
        until("the replica is master", () -> cluster.ownerOf(0, 3) == 3);
        long promoted = System.nanoTime();
        until("Redis decides all again", () -> mode(gateway) == Mode.REDIS);
        System.err.printf(
            "FAILOVER promoted after %d ms, back %d ms later, local %s%n",
            (promoted - away) / 1_000_000, (System.nanoTime() - promoted) / 1_000_000, load.local);
        load.goOn(200);
        int local = load.local.get();
        load.goOn(1_000);
        assertThat(load.local).hasValue(local);
        assertThat(load.failures).isEmpty();
      }
    }
  }

  @Test
  void slotsMoveUnderLoadWithoutAFailureAndExactly() throws Exception {
    try (ClusterHouse house = new ClusterHouse(3, 0)) {
      Gateway one = house.gateway(Duration.ofSeconds(5));
      Gateway two = house.gateway(Duration.ofSeconds(5));
      LocalCluster cluster = house.cluster();
      LocalRedis from = cluster.node(0);
      LocalRedis to = cluster.join();
      Bandwidth exact = Bandwidth.of(3_000, Duration.ofHours(1000));
      List<BucketKey> keys = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        BucketKey key = key("chat");
        if (one.nodes().slotOf(key) < LocalCluster.SLOTS / 3) {
          keys.add(key);
        }
      }
      AtomicInteger[] granted = new AtomicInteger[keys.size()];
      for (int i = 0; i < granted.length; i++) {
        granted[i] = new AtomicInteger();
      }
      List<Object> failures = java.util.Collections.synchronizedList(new ArrayList<>());
      java.util.concurrent.atomic.AtomicBoolean over =
          new java.util.concurrent.atomic.AtomicBoolean();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Gateway gateway = t % 2 == 0 ? one : two;
        Thread thread =
            new Thread(() -> {
              while (!over.get()) {
                int i = ThreadLocalRandom.current().nextInt(keys.size());
                BucketKey key = keys.get(i);
                BucketKey sibling = new BucketKey("other", "main", key.caller());
                try {
                  List<Verdict> verdicts =
                      get(
                          gateway
                              .store()
                              .take(List.of(draw(key, exact, 1), draw(sibling, exact, 1))));
                  if (verdicts.stream().anyMatch(v -> v.source() != Source.REDIS)) {
                    failures.add(verdicts);
                  }
                  if (verdicts.stream().allMatch(Verdict::granted)) {
                    granted[i].incrementAndGet();
                  }
                } catch (Exception e) {
                  failures.add(e);
                }
              }
            });
        threads.add(thread);
        thread.start();
      }
      for (BucketKey key : keys) {
        cluster.move(one.nodes().slotOf(key), from, to);
      }
      over.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).isEmpty();
      int all = 0;
      for (int i = 0; i < granted.length; i++) {
        BucketKey key = keys.get(i);
        long remaining = get(two.store().peek(List.of(draw(key, exact, 1)))).get(0).remaining();
        assertThat(remaining).isEqualTo(3_000 - granted[i].get());
        all += granted[i].get();
      }
      System.err.println("RESHARD granted " + all + " over " + keys.size() + " slots");
    }
  }

  private static Mode mode(Gateway gateway) {
    return gateway.nodes().status().mode();
  }

  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited in vain until %s", what).isLessThan(end);
      LockSupport.parkNanos(2_000_000);
    }
  }

  /** Callers that never stop, each request of another user and of everybody. */
  static final class Load implements AutoCloseable {

    final AtomicInteger local = new AtomicInteger();
    final AtomicInteger answered = new AtomicInteger();
    final List<Throwable> failures = new java.util.concurrent.CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean over;

    Load(Gateway gateway) {
      for (int i = 0; i < 4; i++) {
        Thread thread = new Thread(() -> call(gateway), "caller-" + i);
        threads.add(thread);
        thread.start();
      }
    }

    private void call(Gateway gateway) {
      while (!over) {
        String user = "user-" + ThreadLocalRandom.current().nextInt(1_000);
        List<Draw> draws =
            List.of(
                draw(new BucketKey("chat", "main", user), WIDE, 1),
                draw(new BucketKey("chat", "day", user), WIDE, 1));
        try {
          List<Verdict> verdicts = get(gateway.store().take(draws));
          if (verdicts.stream().anyMatch(verdict -> verdict.source() != Source.REDIS)) {
            local.incrementAndGet();
          }
          assertThat(verdicts).allMatch(Verdict::granted);
        } catch (Exception | AssertionError e) {
          failures.add(e);
        }
        answered.incrementAndGet();
      }
    }

    /** Waits for so many further answers. */
    void goOn(int answers) {
      int enough = answered.get() + answers;
      until(answers + " more are answered", () -> answered.get() >= enough);
    }

    @Override
    public void close() {
      over = true;
      for (Thread thread : threads) {
        until(thread.getName() + " has ended", () -> !thread.isAlive());
      }
    }
  }
}
