package io.sluice.upstream;

import java.util.concurrent.atomic.AtomicLong;

/** Memory that many requests share: who gets none has to do without. Thread-safe. */
public final class Budget {

  private final long total;
  private final AtomicLong left;

  /** Creates a budget of so many octets. */
  public Budget(long total) {
    this.total = total;
    this.left = new AtomicLong(total);
  }

  /** Takes so many octets, all or none; returns whether they were there. */
  public boolean take(int octets) {
    if (left.addAndGet(-octets) >= 0) {
      return true;
    }
    left.addAndGet(octets);
    return false;
  }

  /** Gives back what was taken. */
  public void give(int octets) {
    left.addAndGet(octets);
  }

  /** Returns how many octets are taken. */
  public long taken() {
    return total - left.get();
  }
}
