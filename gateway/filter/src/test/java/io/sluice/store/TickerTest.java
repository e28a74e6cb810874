package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LogLines;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TickerTest {

  @Test
  void nothingAddedIsMissedHoweverItFallsBetweenTheRounds() throws Exception {
    AtomicInteger added = new AtomicInteger();
    Semaphore served = new Semaphore(0);
    try (Ticker ticker =
        new Ticker(
            "test-ticker",
            () -> {
              served.release(added.getAndSet(0));
              return Long.MAX_VALUE;
            })) {
      ticker.start();
      for (int i = 0; i < 50_000; i++) {
        added.incrementAndGet();
        ticker.added();
        assertThat(served.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  @Test
  void comesBackWhenTheRoundAsksForItAndAlsoAfterAFault() throws Exception {
    Semaphore rounds = new Semaphore(0);
    try (LogLines log = new LogLines(Ticker.class);
        Ticker ticker =
            new Ticker(
                "test-ticker",
                () -> {
                  rounds.release();
                  if (rounds.availablePermits() == 2) {
                    throw new IllegalStateException("fault");
                  }
                  return TimeUnit.MILLISECONDS.toNanos(1);
                })) {
      ticker.start();
      assertThat(rounds.tryAcquire(20, 20, TimeUnit.SECONDS)).isTrue();
      assertThat(log.get()).contains("ERROR a deadline could not be served; going on");
    }
  }

  @Test
  void sleepsWhileNothingIsDueAndEndsWhenClosed() throws Exception {
    AtomicLong rounds = new AtomicLong();
    Ticker ticker =
        new Ticker(
            "test-ticker-asleep",
            () -> {
              rounds.incrementAndGet();
              return Long.MAX_VALUE;
            });
    ticker.start();
    Thread thread = thread("test-ticker-asleep");
    Eventually.becomes("it sleeps", () -> thread.getState() == Thread.State.WAITING);
    assertThat(thread.isDaemon()).isTrue();
    assertThat(rounds.get()).isLessThan(10);

    ticker.close();

    thread.join(10_000);
    assertThat(thread.isAlive()).isFalse();
  }

  private static Thread thread(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
