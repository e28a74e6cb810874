package io.sluice.engine;

import io.sluice.store.LiveGateways;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** What is done at a steady pace on Redis, on one thread: its time read, this gateway shown. */
final class Beats implements AutoCloseable {

  private static final Duration CLOCK_SAMPLES = Duration.ofSeconds(1);

  /** Each pause is between the two, so that gateways started together do not beat together. */
  private static final long SHORTEST_MILLIS = 1_600;

  private static final long LONGEST_MILLIS = 2_400;

  /** How long a stop waits for Redis to take this gateway out. */
  private static final Duration FAREWELL = Duration.ofMillis(200);

  private final LiveGateways gateways;
  private final BooleanSupplier asked;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "sluice-redis-clock");
        thread.setDaemon(true);
        return thread;
      });

  /**
   * Begins at once.
   *
   * @param sample reads Redis' time
   * @param asked whether Redis is asked now: no gateway is shown while the breaker is open
   */
  Beats(Runnable sample, LiveGateways gateways, BooleanSupplier asked) {
    this.gateways = gateways;
    this.asked = asked;
    var unused =
        timer.scheduleAtFixedRate(sample, 0, CLOCK_SAMPLES.toMillis(), TimeUnit.MILLISECONDS);
    beatLater();
  }

  /** Ends, and takes this gateway out where Redis is there to hear it. */
  @Override
  public void close() {
    timer.shutdownNow();
    if (!asked.getAsBoolean()) {
      return;
    }
    try {
      gateways.leave().toCompletableFuture().get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // Redis does not answer: the others will miss this gateway after ten seconds.
      return;
    }
  }

  private void beatLater() {
    long pause = ThreadLocalRandom.current().nextLong(SHORTEST_MILLIS, LONGEST_MILLIS);
    try {
      var unused = timer.schedule(this::beat, pause, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile: that was the last one.
      return;
    }
  }

  private void beat() {
    if (asked.getAsBoolean()) {
      gateways.beat();
    }
    beatLater();
  }
}
