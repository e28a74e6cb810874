package io.sluice.upstream;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has events that come from several threads handled one after another: whoever comes while another
 * thread is at work leaves its turn to that thread. So what is touched in turns only needs no lock,
 * and nobody waits. Thread-safe.
 */
public final class Turns {

  private final AtomicInteger asked = new AtomicInteger();
  private final Runnable turn;

  /**
   * Creates one.
   *
   * @param turn sees to all that has come; must not throw
   */
  public Turns(Runnable turn) {
    this.turn = turn;
  }

  /** Takes a turn, or leaves it to whoever is at work. */
  public void take() {
    if (asked.getAndIncrement() > 0) {
      return;
    }
    int seen = 1;
    while (seen != 0) {
      turn.run();
      seen = asked.addAndGet(-seen);
    }
  }
}
