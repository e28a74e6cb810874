package io.sluice.store;

import io.sluice.redis.RedisUnavailableException;
import io.sluice.redis.WatchedLink;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Finds out whether the shared store works, and tells the {@link Breaker}: by what the link says,
 * and by probes while it is open. Thread-safe.
 */
final class Probing implements WatchedLink.Watcher {

  private final WatchedLink link;
  private final Supplier<CompletionStage<Object>> probe;
  private final long deadline;
  private final Breaker breaker;
  private final LongSupplier nanoTime;
  private final Runnable wake;
  private final CountDownLatch firstWord = new CountDownLatch(1);

  /**
   * Creates one that hears nothing until it watches the link.
   *
   * @param probe asks whether the shared store works
   * @param deadline nanoseconds within which an answer is a success
   * @param wake has {@link #goOn} called soon
   */
  Probing(
      WatchedLink link,
      Supplier<CompletionStage<Object>> probe,
      long deadline,
      Breaker breaker,
      LongSupplier nanoTime,
      Runnable wake) {
    this.link = link;
    this.probe = probe;
    this.deadline = deadline;
    this.breaker = breaker;
    this.nanoTime = nanoTime;
    this.wake = wake;
  }

  /**
   * Waits until it is known whether the shared store works.
   *
   * @return whether it is known, in time
   */
  boolean awaitFirstWord(Duration longest) throws InterruptedException {
    return firstWord.await(longest.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Sends a probe if one is due; for one thread, while the link is up.
   *
   * @return nanoseconds until the next will be due
   */
  long goOn(long now) {
    if (breaker.untilProbe(now) == 0) {
      send(now);
    }
    return breaker.untilProbe(now);
  }

  @Override
  public void up() {
    breaker.hurry(nanoTime.getAsLong());
    wake.run();
  }

  @Override
  public void down(RedisUnavailableException problem) {
    breaker.open(problem, nanoTime.getAsLong());
    firstWord.countDown();
  }

  private void send(long sentAt) {
    breaker.probing(sentAt);
    sent()
        .whenComplete((answer, failure) -> {
          long now = nanoTime.getAsLong();
          if (failure != null) {
            breaker.open(Question.unwrapped(failure), now);
          }
          breaker.probed(failure == null && now - sentAt <= deadline && link.isUp(), now);
          if (breaker.isClosed()) {
            firstWord.countDown();
          }
          wake.run();
        });
  }

  private CompletionStage<Object> sent() {
    try {
      return probe.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
