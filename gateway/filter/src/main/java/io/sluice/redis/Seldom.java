package io.sluice.redis;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Bounds a line of the log whose cause may last: one in ten seconds. For one thread. */
final class Seldom {

  private static final long BETWEEN_LINES = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier nanoTime;
  private long next;

  Seldom(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.next = nanoTime.getAsLong();
  }

  /** Returns whether a line may be written, which then is. */
  boolean isDue() {
    long now = nanoTime.getAsLong();
    if (now - next < 0) {
      return false;
    }
    next = now + BETWEEN_LINES;
    return true;
  }
}
