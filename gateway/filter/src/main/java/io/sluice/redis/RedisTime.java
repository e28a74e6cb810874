package io.sluice.redis;

/** The clock by which buckets fill: that of the Redis that holds them. Thread-safe. */
public interface RedisTime {

  /** Returns the time now. */
  Moment now();

  /**
   * Takes in what Redis has just said its time is.
   *
   * @param epochNanos Redis' time, in nanoseconds since the Unix epoch
   * @param sent when it was asked, in elapsed nanoseconds
   */
  void told(long epochNanos, long sent);
}
