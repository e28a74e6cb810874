package io.sluice.limit;

/**
 * One bucket's answer.
 *
 * @param granted whether the bucket has the tokens wanted; they are taken only where every bucket
 *     of the request granted
 * @param remaining whole tokens left after the answer; never negative
 * @param nanosToNext nanoseconds until one more token is there; 0 when the bucket is full
 * @param nanosToGrant nanoseconds until the tokens wanted are there; 0 when granted, {@link
 *     Long#MAX_VALUE} when they never will be
 * @param source who answered
 */
public record Verdict(
    boolean granted, long remaining, long nanosToNext, long nanosToGrant, Source source) {

  /** Who answered. */
  public enum Source {
    /** The shared store. */
    REDIS,
    /** This process alone. */
    LOCAL,
    /** Nobody: the shared store is away and the policy says what happens then. */
    NONE
  }

  /** The answer of {@code on-outage = allow} while the shared store is away. */
  public static final Verdict ALLOWED_UNCOUNTED = new Verdict(true, 0, 0, 0, Source.NONE);

  /** The answer of {@code on-outage = deny} while the shared store is away. */
  public static final Verdict DENIED_UNCOUNTED =
      new Verdict(false, 0, 0, 1_000_000_000L, Source.NONE);
}
