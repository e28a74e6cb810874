package io.sluice.balance;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Bounds retries, so that an outage does not double the load on what is left: over the last ten
 * seconds, at most a tenth of the calls and three a second besides. Thread-safe.
 *
 * <p>Counts stand in one slot for each second. A slot is emptied by the first call of its next
 * second; calls counted at the very same moment may be lost, which errs on the side of fewer
 * retries. Retries are counted under a lock, so no race grants more than the bound.
 */
final class RetryBudget {

  private static final int SECONDS = 10;
  private static final int CALLS_FOR_EACH = 10;
  private static final int ALWAYS = 3 * SECONDS;
  private static final long NANOS = 1_000_000_000;

  private final LongSupplier nanoTime;
  private final long start;
  private final AtomicLongArray second = new AtomicLongArray(SECONDS);
  private final AtomicLongArray calls = new AtomicLongArray(SECONDS);
  private final AtomicLongArray retries = new AtomicLongArray(SECONDS);

  RetryBudget(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /** Counts a call that is no retry. */
  void called() {
    calls.incrementAndGet(slot(now()));
  }

  /** Takes one retry out of the budget, if there is one. */
  synchronized boolean take() {
    long now = now();
    int slot = slot(now);
    long made = 0;
    long granted = 0;
    for (int i = 0; i < SECONDS; i++) {
      if (now - second.get(i) < SECONDS) {
        made += calls.get(i);
        granted += retries.get(i);
      }
    }
    if (granted >= ALWAYS + made / CALLS_FOR_EACH) {
      return false;
    }
    retries.incrementAndGet(slot);
    return true;
  }

  private long now() {
    return (nanoTime.getAsLong() - start) / NANOS;
  }

  private int slot(long now) {
    int slot = (int) (now % SECONDS);
    long then = second.get(slot);
    if (then != now && second.compareAndSet(slot, then, now)) {
      calls.set(slot, 0);
      retries.set(slot, 0);
    }
    return slot;
  }
}
