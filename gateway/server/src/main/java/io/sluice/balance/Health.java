package io.sluice.balance;

import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether one server is thought to be healthy: by the answers to questions, where questions are
 * asked, and by how connections to it fare. Thread-safe.
 *
 * <p>A refused connection is certain and turns the server unhealthy at once; what may have been an
 * accident has to happen several times in a row. Questions that are answered well turn it healthy
 * again; where none are asked, one request each interval is let through as a trial, and its answer
 * does.
 */
final class Health {

  private final HealthSettings settings;
  private final LongSupplier nanoTime;
  private final Runnable turned;
  private final AtomicLong trialFrom = new AtomicLong();
  private volatile boolean up = true;
  private volatile int unopened;
  private volatile @Nullable String cause;
  private volatile long since;
  private int good;
  private int bad;

  /**
   * Creates a healthy one.
   *
   * @param turned runs after each change
   */
  Health(HealthSettings settings, LongSupplier nanoTime, Runnable turned) {
    this.settings = settings;
    this.nanoTime = nanoTime;
    this.turned = turned;
    this.since = nanoTime.getAsLong();
  }

  boolean isUp() {
    return up;
  }

  /** Returns why it was unhealthy last; null when it never was. */
  @Nullable String cause() {
    return cause;
  }

  Duration since() {
    return Duration.ofNanos(nanoTime.getAsLong() - since);
  }

  /** A question was answered well. */
  void passed() {
    boolean turns;
    synchronized (this) {
      bad = 0;
      good++;
      turns = good >= settings.healthyAfter() && turn(true);
    }
    tell(turns);
  }

  /** A question was answered badly or not at all. */
  void failed(String why) {
    boolean turns;
    synchronized (this) {
      good = 0;
      bad++;
      turns = bad >= settings.unhealthyAfter() && turn(false);
      cause = turns ? why : cause;
    }
    tell(turns);
  }

  /** A request was answered. */
  void answered() {
    if (unopened != 0 || !up) {
      boolean turns;
      synchronized (this) {
        unopened = 0;
        turns = settings.path() == null && turn(true);
      }
      tell(turns);
    }
  }

  /** A connection for a request could not be opened. */
  void unreachable(Throwable why) {
    boolean turns;
    synchronized (this) {
      good = 0;
      unopened++;
      boolean certain = why instanceof ConnectException || unopened >= settings.unhealthyAfter();
      trialFrom.set(nanoTime.getAsLong() + settings.interval().toNanos());
      turns = certain && turn(false);
      cause = turns ? why.toString() : cause;
    }
    tell(turns);
  }

  /** Returns whether a request may try the server all the same: true once each interval. */
  boolean mayTry() {
    if (up || settings.path() != null) {
      return false;
    }
    long now = nanoTime.getAsLong();
    long from = trialFrom.get();
    return now - from >= 0 && trialFrom.compareAndSet(from, now + settings.interval().toNanos());
  }

  /** Under this object's monitor. */
  private boolean turn(boolean to) {
    if (up == to) {
      return false;
    }
    up = to;
    since = nanoTime.getAsLong();
    return true;
  }

  private void tell(boolean turns) {
    if (turns) {
      turned.run();
    }
  }
}
