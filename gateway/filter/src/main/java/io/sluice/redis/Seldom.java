package io.sluice.redis;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Bounds a line of the log whose cause may last: one in ten seconds. Thread-safe. */
public final class Seldom {

  private static final long BETWEEN_LINES = TimeUnit.SECONDS.toNanos(10);
  private static final long AT_ONCE = Long.MIN_VALUE;

  private final AtomicLong next = new AtomicLong(AT_ONCE);

  /**
   * Returns whether a line may be written, which then is; the first may at once.
   *
   * @param now elapsed nanoseconds from any origin
   */
  public boolean isDue(long now) {
    long due = next.get();
    return (due == AT_ONCE || now - due >= 0) && next.compareAndSet(due, now + BETWEEN_LINES);
  }
}
