package io.sluice.redis;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redis' clock as read by this gateway, in nanoseconds since the Unix epoch, so that gateways with
 * different wall clocks fill the same buckets at the same time.
 *
 * <p>A sample asks Redis for its time and takes the answer as the time at the middle of the round
 * trip; between samples the clock advances with the elapsed-time clock of the platform. A sample is
 * off by at most half its round trip, and only samples whose round trip is short are believed, so
 * after the first one the error stays below {@link #LONGEST_ROUND_TRIP} / 2 plus the drift of two
 * quartz clocks between samples (about 100 microseconds a second).
 *
 * <p>Small differences are taken over at once but the clock does not go backwards for them: it
 * stands still until Redis has caught up. A difference beyond {@link #JUMP} means that Redis' own
 * clock was set, or that another Redis answers now; the clock follows it, backwards too, so that no
 * bucket is frozen or refilled for longer than one sampling interval.
 *
 * <p>Before the first sample it is the wall clock of this machine. Thread-safe.
 */
public final class RedisClock implements LongSupplier {

  /** Differences beyond this many nanoseconds are jumps of the other clock, not drift. */
  static final long JUMP = 500_000_000L;

  /** Samples with a longer round trip, in nanoseconds, are not believed. */
  static final long LONGEST_ROUND_TRIP = 20_000_000L;

  private static final Logger LOG = LoggerFactory.getLogger(RedisClock.class);

  private final RedisLink link;
  private final LongSupplier nanoTime;
  private final AtomicLong latest = new AtomicLong(Long.MIN_VALUE);
  private volatile long offset;
  private volatile boolean sampled;

  /**
   * Creates a clock.
   *
   * @param link where to ask
   * @param wallNanos the wall clock, read once, for the time before the first sample
   * @param nanoTime elapsed nanoseconds from any origin
   */
  public RedisClock(RedisLink link, LongSupplier wallNanos, LongSupplier nanoTime) {
    this.link = link;
    this.nanoTime = nanoTime;
    this.offset = wallNanos.getAsLong() - nanoTime.getAsLong();
  }

  @Override
  public long getAsLong() {
    long now = nanoTime.getAsLong() + offset;
    return latest.accumulateAndGet(now, Math::max);
  }

  /** Asks Redis for its time, unless the line is down; returns at once. */
  public void sample() {
    if (!link.isUp()) {
      return;
    }
    long sent = nanoTime.getAsLong();
    link.epochNanos()
        .whenComplete((epochNanos, failure) -> {
          if (failure == null) {
            take(epochNanos, sent, nanoTime.getAsLong());
          }
        });
  }

  private synchronized void take(long epochNanos, long sent, long received) {
    if (received - sent > LONGEST_ROUND_TRIP && sampled) {
      return;
    }
    long measured = epochNanos - (sent + (received - sent) / 2);
    long difference = measured - offset;
    offset = measured;
    if (Math.abs(difference) > JUMP) {
      latest.set(Long.MIN_VALUE);
      LOG.info(
          "Redis' clock is {} ms {} the clock used so far; buckets follow it",
          Math.abs(difference) / 1_000_000,
          difference > 0 ? "ahead of" : "behind");
    }
    sampled = true;
  }
}
