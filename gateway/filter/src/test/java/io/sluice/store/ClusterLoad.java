package io.sluice.store;

import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Callers that never stop; each request takes from two buckets of one of a thousand users. */
final class ClusterLoad implements AutoCloseable {

  private static final Bandwidth WIDE = Bandwidth.of(1_000_000, Duration.ofHours(1));
  private static final int CALLERS = 4;

  private final AtomicInteger local = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  ClusterLoad(BucketStore store) {
    for (int i = 0; i < CALLERS; i++) {
      Thread thread = new Thread(() -> call(store), "caller-" + i);
      threads.add(thread);
      thread.start();
    }
  }

  /** Returns how many requests were decided without Redis. */
  int local() {
    return local.get();
  }

  /** Returns what went wrong: a request that failed or was refused. */
  List<Throwable> failures() {
    return failures;
  }

  /** Waits for so many further answers. */
  ClusterLoad goOn(int answers) {
    int enough = answered.get() + answers;
    Eventually.becomes(answers + " more are answered", () -> answered.get() >= enough);
    return this;
  }

  /** Waits until so many answers in a row come from Redis. */
  ClusterLoad goOnInRedis(int answers) {
    int before;
    do {
      before = local();
      goOn(answers);
    } while (local() > before && !over);
    return this;
  }

  private void call(BucketStore store) {
    while (!over) {
      String user = "user-" + ThreadLocalRandom.current().nextInt(1_000);
      List<Draw> draws =
          List.of(
              draw(new BucketKey("chat", "main", user), WIDE, 1),
              draw(new BucketKey("chat", "day", user), WIDE, 1));
      try {
        List<Verdict> verdicts = get(store.take(draws));
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

  @Override
  public void close() {
    over = true;
    for (Thread thread : threads) {
      Eventually.becomes(thread.getName() + " has ended", () -> !thread.isAlive());
    }
  }
}
