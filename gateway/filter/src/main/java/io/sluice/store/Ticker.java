package io.sluice.store;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A daemon thread that does what is due, with a grain of 1 ms, and sleeps without waking while
 * nothing is. Thread-safe.
 */
final class Ticker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Ticker.class);
  private static final long GRAIN = TimeUnit.MILLISECONDS.toNanos(1);

  private final LongSupplier round;
  private final Thread thread;
  private volatile boolean asleep;
  private volatile boolean closed;

  /**
   * Creates a ticker that does not run yet.
   *
   * @param round does what is due and returns the nanoseconds until the next time, {@link
   *     Long#MAX_VALUE} when that depends on a call of {@link #wake}
   */
  Ticker(String name, LongSupplier round) {
    this.round = round;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Says that something was added; costs a volatile read while the thread is busy. */
  void added() {
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  /** Starts a round now. */
  void wake() {
    LockSupport.unpark(thread);
  }

  /** Ends the thread, and waits a moment for it unless called by the thread itself. */
  @Override
  public void close() {
    closed = true;
    wake();
    if (!thread.equals(Thread.currentThread())) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    while (!closed) {
      long wait = round();
      if (wait == Long.MAX_VALUE) {
        // Who adds looks at the flag afterwards, so look for additions after raising it.
        asleep = true;
        wait = round();
        if (wait == Long.MAX_VALUE && !closed) {
          LockSupport.park(this);
        }
        asleep = false;
      }
      if (wait > 0 && wait != Long.MAX_VALUE && !closed) {
        LockSupport.parkNanos(this, Math.max(wait, GRAIN));
      }
    }
  }

  private long round() {
    try {
      return round.getAsLong();
    } catch (RuntimeException e) {
      LOG.error("a deadline could not be served; going on", e);
      return GRAIN;
    }
  }
}
