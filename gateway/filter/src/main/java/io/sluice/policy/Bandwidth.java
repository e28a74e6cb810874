package io.sluice.policy;

import java.math.BigInteger;
import java.time.Duration;

/**
 * The rate of one limit: a token bucket of {@code capacity} tokens into which {@code refill} tokens
 * return over each {@code period}.
 *
 * @param capacity most tokens the bucket holds, and so the largest burst; at least 1
 * @param refill tokens returned over each period; at least 1
 * @param period time over which {@code refill} tokens return; at least a millisecond, at most ten
 *     years
 * @param mode how they return
 */
public record Bandwidth(long capacity, long refill, Duration period, Mode mode) {

  /** Longest period; nanosecond arithmetic on it stays far from overflow. */
  public static final Duration LONGEST_PERIOD = Duration.ofDays(3653);

  /** Largest capacity and refill; whole numbers up to it are exact in every representation used. */
  public static final long MOST_TOKENS = 1_000_000_000_000L;

  private static final long MOST_SECONDS = 999_999_999_999_999L;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** How tokens return. */
  public enum Mode {
    /** Evenly: one token every {@code period / refill}. */
    GREEDY,
    /** All {@code refill} tokens together at the end of each period. */
    INTERVAL
  }

  public Bandwidth {
    if (capacity < 1 || refill < 1 || capacity > MOST_TOKENS || refill > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "capacity and refill must be 1 to %d: capacity=%d refill=%d"
              .formatted(MOST_TOKENS, capacity, refill));
    }
    if (period.toMillis() < 1 || period.compareTo(LONGEST_PERIOD) > 0) {
      throw new IllegalArgumentException("period must be 1 ms to ten years: " + period);
    }
    if (period.toNanos() < refill) {
      throw new IllegalArgumentException("more than one token a nanosecond: " + refill);
    }
  }

  /** Returns the everyday limit: {@code tokens} per {@code period}, burst of the same size. */
  public static Bandwidth of(long tokens, Duration period) {
    return new Bandwidth(tokens, tokens, period, Mode.GREEDY);
  }

  /**
   * Returns the seconds, rounded up, that it takes to refill the bucket from empty; at least 1 and
   * at most the largest integer of a structured field (RFC 9651, section 3.3.1). Exact, so not for
   * the hot path.
   */
  public long secondsToFull() {
    BigInteger tokens = BigInteger.valueOf(capacity);
    BigInteger each = BigInteger.valueOf(refill);
    BigInteger nanos = BigInteger.valueOf(period.toNanos());
    BigInteger second = BigInteger.valueOf(NANOS_PER_SECOND);
    BigInteger seconds =
        mode == Mode.INTERVAL
            ? ceilDivide(ceilDivide(tokens, each).multiply(nanos), second)
            : ceilDivide(tokens.multiply(nanos), each.multiply(second));
    return seconds.min(BigInteger.valueOf(MOST_SECONDS)).longValueExact();
  }

  private static BigInteger ceilDivide(BigInteger dividend, BigInteger divisor) {
    return dividend.add(divisor).subtract(BigInteger.ONE).divide(divisor);
  }
}
