package io.sluice.redis;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redis' clock as read by this gateway, in nanoseconds since the Unix epoch, so that gateways with
 * different wall clocks fill the same buckets at the same time.
 *
 * <p>A sample is Redis' time with the two moments between which Redis told it. Between samples the
 * clock advances with the elapsed-time clock of the platform. The time of a short round trip is
 * taken as that of its middle, so the error stays below {@link #LONGEST_ROUND_TRIP} / 2 plus the
 * drift of two quartz clocks between samples (about 100 microseconds a second). A long round trip
 * corrects the clock only as far as it contradicts it.
 *
 * <p>Small differences are taken over at once but the clock does not go backwards for them: it
 * stands still until Redis has caught up. A difference beyond {@link #JUMP} means that Redis' own
 * clock was set, or that another Redis answers now: the clock follows it, backwards too.
 *
 * <p>Before the first sample it is the wall clock of this machine. Nothing is decided on it then,
 * nor in the time between a jump and the sample that shows it: Redis carries out no decision that
 * was made on a clock too far from its own, and answers with a sample ({@link #told}) instead.
 * Thread-safe.
 */
public final class RedisClock implements RedisTime {

  /** Differences beyond this many nanoseconds are jumps of the other clock, not drift. */
  static final long JUMP = 250_000_000L;

  /** Samples with a longer round trip, in nanoseconds, say less than the clock knows already. */
  static final long LONGEST_ROUND_TRIP = 20_000_000L;

  private static final Logger LOG = LoggerFactory.getLogger(RedisClock.class);

  private final RedisLink link;
  private final LongSupplier nanoTime;
  private volatile Timeline timeline;
  private boolean sampled;

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
    this.timeline = new Timeline(wallNanos.getAsLong() - nanoTime.getAsLong(), 0);
  }

  @Override
  public Moment now() {
    Timeline current = timeline;
    return new Moment(current.at(nanoTime.getAsLong()), current.wentBack);
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
            told(epochNanos, sent);
          }
        });
  }

  /**
   * Takes in what Redis has just said its time is.
   *
   * @param sent when it was asked, on the elapsed-time clock that this clock was created with
   */
  @Override
  public synchronized void told(long epochNanos, long sent) {
    long received = nanoTime.getAsLong();
    long middle = epochNanos - (sent + (received - sent) / 2);
    long possible = Math.max(epochNanos - received, Math.min(epochNanos - sent, timeline.offset));
    boolean jumped = Math.abs(possible - timeline.offset) > JUMP;
    boolean precise = received - sent <= LONGEST_ROUND_TRIP;
    if (jumped || (precise && !sampled)) {
      follow(middle);
    } else {
      timeline.offset = precise ? middle : possible;
    }
    sampled = true;
  }

  private void follow(long offset) {
    long difference = offset - timeline.offset;
    // What this machine's own clock was off by is no jump that any bucket has seen.
    timeline = new Timeline(offset, sampled ? Math.max(0, -difference) : 0);
    if (Math.abs(difference) > JUMP) {
      LOG.info(
          "Redis' clock is {} ms {} the clock used so far; buckets follow it",
          Math.abs(difference) / 1_000_000,
          difference > 0 ? "ahead of" : "behind");
    }
  }

  /** A stretch without jumps. One object, so that a late reader of the last cannot spoil this. */
  private static final class Timeline {

    private final AtomicLong latest = new AtomicLong(Long.MIN_VALUE);
    private final long wentBack;
    private volatile long offset;

    private Timeline(long offset, long wentBack) {
      this.offset = offset;
      this.wentBack = wentBack;
    }

    private long at(long elapsed) {
      return latest.accumulateAndGet(elapsed + offset, Math::max);
    }
  }
}
