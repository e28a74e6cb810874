package io.sluice.http2;

import java.util.concurrent.TimeUnit;

/**
 * Finds out whether a silent upstream is still there, so that the calls on a connection whose other
 * end has vanished do not all wait for their own time limits. A ping goes out after some seconds of
 * silence while calls are under way; when it was answered, the next one of the same silence waits
 * five minutes, because servers of gRPC hang up on clients that ping more often.
 *
 * <p>{@link #check} is for one thread at a time, {@link #answered} for any.
 */
final class Liveness {

  /** What is to be done. */
  enum Verdict {
    FINE,
    PING,
    DEAD
  }

  static final long SILENCE = TimeUnit.SECONDS.toNanos(10);
  static final long LONG_SILENCE = TimeUnit.MINUTES.toNanos(5);
  static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

  /** What the answer to a ping counts. */
  private static final int PONG = 17;

  private long heard;
  private long heardAt;
  private long silence = SILENCE;
  private long pingedAt;
  private boolean pinged;
  private volatile boolean answered;

  Liveness(long now) {
    heardAt = now;
  }

  /** A ping has been answered. */
  void answered() {
    answered = true;
  }

  /**
   * Returns what is to be done now.
   *
   * @param octets how many have come from the upstream so far
   * @param busy whether calls are under way
   */
  Verdict check(long now, long octets, boolean busy) {
    if (octets != heard) {
      silence = answered && octets - heard == PONG ? LONG_SILENCE : SILENCE;
      answered = false;
      pinged = false;
      heard = octets;
      heardAt = now;
      return Verdict.FINE;
    }
    if (pinged) {
      return now - pingedAt >= PATIENCE ? Verdict.DEAD : Verdict.FINE;
    }
    if (!busy || now - heardAt < silence) {
      return Verdict.FINE;
    }
    pinged = true;
    pingedAt = now;
    return Verdict.PING;
  }
}
