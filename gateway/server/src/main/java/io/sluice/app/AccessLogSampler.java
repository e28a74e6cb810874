package io.sluice.app;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets so many events of each second pass and counts the others, so that a flood of refusals cannot
 * fill a disk. Thread-safe and free of locks.
 */
final class AccessLogSampler {

  private final int perSecond;
  private final AtomicLong skipped = new AtomicLong();

  /** The second in the upper 32 bits, the events that passed in it in the lower ones. */
  private final AtomicLong window = new AtomicLong();

  AccessLogSampler(int perSecond) {
    this.perSecond = perSecond;
  }

  /** Returns whether an event of this time passes; one that does not is counted. */
  boolean passes(long epochMillis) {
    long second = epochMillis / 1000 & 0xffff_ffffL;
    while (true) {
      long seen = window.get();
      long passed = seen >>> 32 == second ? seen & 0xffff_ffffL : 0;
      if (passed >= perSecond) {
        skipped.incrementAndGet();
        return false;
      }
      if (window.compareAndSet(seen, second << 32 | (passed + 1))) {
        return true;
      }
    }
  }

  /** Returns how many events did not pass since the last call. */
  long takeSkipped() {
    return skipped.get() == 0 ? 0 : skipped.getAndSet(0);
  }
}
