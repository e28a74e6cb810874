package io.sluice.filter;

import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;

/**
 * What answers say of one limit and never changes while its policy is in force, spelled once.
 *
 * @param name the limit's name as a structured-field String
 * @param member its member of RateLimit-Policy
 * @param allowance what it allows, in words
 * @param secondsToFull seconds to refill the bucket from empty, rounded up
 * @param secondsForOne seconds in which one token taken from the full bucket returns, rounded up
 */
record LimitText(
    String name, String member, String allowance, long secondsToFull, long secondsForOne) {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  static LimitText of(Policy policy, Limit limit) {
    Bandwidth bandwidth = limit.bandwidth();
    String name = StructuredField.string(policy.nameOf(limit));
    long full = bandwidth.secondsToFull();
    return new LimitText(
        name,
        name + ";q=" + bandwidth.capacity() + ";w=" + full,
        Wording.allowance(policy, limit),
        full,
        seconds(nanosForOne(bandwidth)));
  }

  /**
   * Returns the time that goes with a verdict, in whole seconds rounded up and at least 1: until
   * the tokens that were refused are there; or, where they were granted, until one more is there.
   * That is the draft's effective window: within it, no more than what remains can be used.
   *
   * <p>To a full bucket no token will come. Its window is the time in which the first token taken
   * returns. Tokens that will never be there are given the time to refill the whole bucket.
   */
  long seconds(Verdict verdict) {
    long nanos = verdict.granted() ? verdict.nanosToNext() : verdict.nanosToGrant();
    if (nanos == Long.MAX_VALUE) {
      return secondsToFull;
    }
    return nanos > 0 ? seconds(nanos) : secondsForOne;
  }

  private static long seconds(long nanos) {
    return 1 + (nanos - 1) / NANOS_PER_SECOND;
  }

  private static long nanosForOne(Bandwidth bandwidth) {
    long period = bandwidth.period().toNanos();
    return bandwidth.mode() == Mode.INTERVAL ? period : 1 + (period - 1) / bandwidth.refill();
  }
}
