package io.sluice.store;

/**
 * What became of tokens while the shared store was away and after; tokens of each bucket that a
 * request drew from. {@code counted + allowed} is an upper bound of what may have been admitted
 * above the limits; {@code overdrawn} certainly was.
 *
 * @param counted granted by this process' own buckets
 * @param allowed let through uncounted, by {@code on-outage = allow}
 * @param debited taken from the shared store afterwards, of those counted
 * @param overdrawn debited from buckets that had them no more
 * @param restored forgotten by the shared store, and taken out again
 * @param doubtful debited, by calls without an answer, and not debited again
 * @param unreturned charged to a slot of a cluster for requests that were refused or failed at
 *     another one, and not known to have been given back
 */
public record OutageTokens(
    long counted,
    long allowed,
    long debited,
    long overdrawn,
    long restored,
    long doubtful,
    long unreturned) {

  /** None at all. */
  public static final OutageTokens NONE = new OutageTokens(0, 0, 0, 0, 0, 0, 0);

  OutageTokens since(OutageTokens before) {
    return new OutageTokens(
        counted - before.counted,
        allowed - before.allowed,
        debited - before.debited,
        overdrawn - before.overdrawn,
        restored - before.restored,
        doubtful - before.doubtful,
        unreturned - before.unreturned);
  }
}
