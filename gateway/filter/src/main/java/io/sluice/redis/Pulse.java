package io.sluice.redis;

/** Remembers when Redis was last heard, and how long it has been asked in vain. Thread-safe. */
final class Pulse {

  private volatile long heard;
  private long unansweredSince;
  private boolean unanswered;

  Pulse(long now) {
    this.heard = now;
  }

  /** Redis answered something. */
  void heard(long now) {
    heard = now;
  }

  long heardNanos() {
    return heard;
  }

  /**
   * A command was given up.
   *
   * @param sentAt when it was sent
   * @return nanoseconds since the first command sent in vain after Redis was last heard
   */
  synchronized long missed(long sentAt, long now) {
    if (!unanswered || unansweredSince - heard < 0) {
      unanswered = true;
      unansweredSince = sentAt;
    }
    return heard - sentAt > 0 ? 0 : now - unansweredSince;
  }
}
