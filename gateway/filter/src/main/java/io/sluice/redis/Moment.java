package io.sluice.redis;

/**
 * A moment on {@link RedisClock}, and what is needed to place times that were taken on Redis' clock
 * before it was last set.
 *
 * @param epochNanos nanoseconds since the Unix epoch
 * @param wentBack by how many nanoseconds Redis' clock was set back when it was last set; 0 where
 *     it was set forward, where it never was, and where this process was not there to see it
 */
public record Moment(long epochNanos, long wentBack) {

  /**
   * Returns a time later than this moment as it reads on the clock that has been set back since: as
   * long ago as it really is, or this moment where that is not known.
   */
  public long carriedOver(long later) {
    long carried = later - wentBack;
    return carried < epochNanos ? carried : epochNanos;
  }
}
