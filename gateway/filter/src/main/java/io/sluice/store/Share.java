package io.sluice.store;

import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;
import java.math.BigInteger;
import java.time.Duration;

/**
 * One gateway's part of a limit, for when several cannot count together: capacity and refill
 * divided by their number.
 *
 * <p>The capacity is rounded down, but never below what one request takes, or a caller would get
 * nothing at all; so n gateways grant at most the limit between them, or n requests, whichever is
 * more. The refill is exact where tokens return evenly, as the same tokens over a longer period.
 * Where they return by intervals it is rounded down to whole tokens each period, or one token in
 * every so many periods.
 */
final class Share {

  private static final long LONGEST_NANOS = Bandwidth.LONGEST_PERIOD.toNanos();

  private Share() {}

  /**
   * Returns the share of each of so many gateways; never more than the whole.
   *
   * @param gateways how many divide the limit; at least 1
   * @param tokens what one request takes
   */
  static Bandwidth of(Bandwidth whole, int gateways, long tokens) {
    if (gateways <= 1) {
      return whole;
    }
    long least = Math.min(Math.max(1, tokens), whole.capacity());
    long capacity = Math.max(least, whole.capacity() / gateways);
    return whole.mode() == Mode.INTERVAL
        ? interval(whole, gateways, capacity)
        : greedy(whole, gateways, capacity);
  }

  private static Bandwidth interval(Bandwidth whole, int gateways, long capacity) {
    long each = whole.refill() / gateways;
    if (each > 0) {
      return new Bandwidth(capacity, each, whole.period(), Mode.INTERVAL);
    }
    long periods = (gateways + whole.refill() - 1) / whole.refill();
    long most = LONGEST_NANOS / whole.period().toNanos();
    Duration period = whole.period().multipliedBy(Math.min(periods, most));
    return new Bandwidth(capacity, 1, period, Mode.INTERVAL);
  }

  private static Bandwidth greedy(Bandwidth whole, int gateways, long capacity) {
    BigInteger tokens = BigInteger.valueOf(whole.refill());
    long common = tokens.gcd(BigInteger.valueOf(gateways)).longValueExact();
    long longer = gateways / common;
    long period = whole.period().toNanos();
    if (period <= LONGEST_NANOS / longer) {
      return new Bandwidth(
          capacity, whole.refill() / common, Duration.ofNanos(period * longer), Mode.GREEDY);
    }
    // More than ten years for a round number of tokens: what comes in ten years, rounded down.
    BigInteger all = BigInteger.valueOf(period).multiply(BigInteger.valueOf(gateways));
    long refill = tokens.multiply(BigInteger.valueOf(LONGEST_NANOS)).divide(all).longValueExact();
    return new Bandwidth(capacity, Math.max(1, refill), Bandwidth.LONGEST_PERIOD, Mode.GREEDY);
  }
}
