package io.sluice.bench.fleet;

import java.math.BigInteger;
import java.util.concurrent.TimeUnit;

/**
 * A limit under test, and the most that it may ever admit. Worked out here without a line of the
 * gateway's, or the proof would repeat its mistakes.
 *
 * @param tokens capacity of the bucket, and what it regains evenly over each period
 * @param seconds the period
 */
public record Rate(long tokens, long seconds) {

  /**
   * How far apart two gateways' readings of Redis' clock may be, in nanoseconds: each believes only
   * samples of up to 20 ms there and back, and is off by at most half of that.
   */
  public static final long CLOCKS_APART = TimeUnit.MILLISECONDS.toNanos(20);

  /** Returns how a policy spells it. */
  public String text() {
    return tokens + "/" + seconds + "s";
  }

  /**
   * Returns the most requests that a bucket, full at the start, may admit within so many
   * nanoseconds: capacity + floor(tokens * (elapsed + {@link #CLOCKS_APART}) / period).
   */
  public long most(long elapsedNanos) {
    BigInteger time = BigInteger.valueOf(elapsedNanos + CLOCKS_APART);
    BigInteger refill =
        BigInteger.valueOf(tokens)
            .multiply(time)
            .divide(BigInteger.valueOf(TimeUnit.SECONDS.toNanos(seconds)));
    return tokens + refill.longValueExact();
  }
}
