package io.sluice.upstream;

import java.time.Duration;

/** A time limit that is set and lifted all the time, and looked at now and then. Thread-safe. */
public final class Deadline {

  private static final long NONE = Long.MAX_VALUE;

  private volatile long time = NONE;

  /** Sets the limit anew. */
  public void set(Duration fromNow) {
    long then = System.nanoTime() + fromNow.toNanos();
    time = then == NONE ? then + 1 : then;
  }

  /** There is no limit until one is set. */
  public void lift() {
    time = NONE;
  }

  /** Returns whether the limit, if any, has passed at a time of {@link System#nanoTime}. */
  public boolean isPast(long now) {
    long then = time;
    return then != NONE && now - then >= 0;
  }
}
