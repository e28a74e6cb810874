package io.sluice.upstream;

import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Has the time limits of an upstream looked at from time to time, over all its connections at once,
 * because a timer for each request would cost more than the rest of its bookkeeping. So they are
 * kept late by up to an eighth of the shortest, and never early. Thread-safe.
 */
public final class Tick {

  private static final long LONGEST = 250;

  private final Scheduler scheduler;
  private final long everyMillis;
  private final LongConsumer look;
  private volatile boolean running;
  private volatile Scheduler.@Nullable Task next;

  /**
   * Creates a tick for the limits of some settings.
   *
   * @param scheduler must be running from start to stop
   * @param look is given a time of {@link System#nanoTime}; must not block
   */
  public Tick(UpstreamSettings settings, Scheduler scheduler, LongConsumer look) {
    long shortest =
        Math.min(
            settings.connectTimeout().toMillis(),
            Math.min(settings.responseTimeout().toMillis(), settings.idleTimeout().toMillis()));
    this.everyMillis = Math.max(1, Math.min(LONGEST, shortest / 8));
    this.scheduler = scheduler;
    this.look = look;
  }

  /** Starts, with a look at once. */
  public void start() {
    running = true;
    tick();
  }

  /** Stops to look. */
  public void stop() {
    running = false;
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
  }

  private void tick() {
    try {
      look.accept(System.nanoTime());
    } finally {
      if (running) {
        next = scheduler.schedule(this::tick, everyMillis, TimeUnit.MILLISECONDS);
      }
    }
  }
}
