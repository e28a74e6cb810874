package io.sluice.store;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the shared store is asked at all.
 *
 * <p>It opens at once when the way there is lost or a deadline passes in silence, and after ten
 * misses within a second even though answers still come. A refusal may concern one request only or
 * all of them, so it calls for a probe while the store is still asked, and the breaker opens when
 * that is refused too. While it is open one probe at a time goes out every 100 ms, and the first
 * that succeeds closes it. A store that fails again within a second of each successful probe is
 * probed less and less often, down to every 1.6 s, so that it does not flap; that still finds it
 * within two seconds of its return. A new connection is probed at once unless it is such a store's.
 * Thread-safe.
 */
final class Breaker {

  private static final int MISSES = 10;
  private static final long WINDOW = TimeUnit.SECONDS.toNanos(1);
  private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1_600);

  private static final long LOST_PROBE = TimeUnit.SECONDS.toNanos(2);

  /** Hears of the changes in their order, under the breaker's lock. */
  interface Watcher {

    void opened(Throwable cause, long now);

    /** It is open already, and here is another cause. */
    void stillOpen(Throwable cause);

    void closed(long now);
  }

  private final Watcher watcher;
  private final Runnable alarm;
  private final long[] misses = new long[MISSES];
  private int missed;
  private boolean doubted;
  private volatile boolean closed;
  private @Nullable Throwable cause;
  private long since;
  private boolean probing;
  private long probedAt;
  private long probeAt;
  private long pause = SHORTEST_PAUSE;

  /**
   * Creates an open breaker: the first probe closes it.
   *
   * @param alarm runs when it has opened, so that somebody sends the next probe in time
   */
  Breaker(long now, Watcher watcher, Runnable alarm) {
    this.watcher = watcher;
    this.alarm = alarm;
    this.since = now;
    this.probeAt = now;
  }

  boolean isClosed() {
    return closed;
  }

  /** Returns when it last changed. */
  synchronized long since() {
    return since;
  }

  /** Returns why it last opened; null when it never did. */
  synchronized @Nullable Throwable cause() {
    return cause;
  }

  /** The store is away for certain. */
  synchronized void open(Throwable why, long now) {
    cause = why;
    if (!closed) {
      watcher.stillOpen(why);
      return;
    }
    boolean relapse = now - since < WINDOW;
    closed = false;
    doubted = false;
    since = now;
    missed = 0;
    pause = relapse ? Math.min(2 * pause, LONGEST_PAUSE) : SHORTEST_PAUSE;
    probeAt = now + pause;
    alarm.run();
    watcher.opened(why, now);
  }

  /** A request was not answered, or not as by a healthy store, though the store was heard. */
  synchronized void miss(Throwable why, long now) {
    if (!closed) {
      return;
    }
    int oldest = missed % MISSES;
    boolean often = missed >= MISSES - 1 && now - misses[(oldest + 1) % MISSES] < WINDOW;
    misses[oldest] = now;
    missed++;
    if (often) {
      open(why, now);
    }
  }

  /** The store has refused a request: a probe is to show whether it refuses all. */
  synchronized void doubt() {
    if (closed && !doubted) {
      doubted = true;
      alarm.run();
    }
  }

  /**
   * There is a new way to the store: the next probe need not wait, unless the last did not last.
   */
  synchronized void hurry(long now) {
    if (pause == SHORTEST_PAUSE) {
      probeAt = now;
    }
  }

  /** Returns the nanoseconds until a probe may go out; {@link Long#MAX_VALUE} while none may. */
  synchronized long untilProbe(long now) {
    if (closed && !doubted) {
      return Long.MAX_VALUE;
    }
    long next = closed ? probedAt + SHORTEST_PAUSE : probeAt;
    return Math.max(0, (probing ? probedAt + LOST_PROBE : next) - now);
  }

  /** Notes that the one probe goes out. */
  synchronized void probing(long now) {
    probing = true;
    probedAt = now;
    doubted = false;
  }

  /** The probe came back. */
  synchronized void probed(boolean success, long now) {
    probing = false;
    probeAt = now + pause;
    if (success && !closed) {
      since = now;
      missed = 0;
      watcher.closed(now); // What has to be debited is known before the first request passes.
      closed = true;
    }
  }
}
