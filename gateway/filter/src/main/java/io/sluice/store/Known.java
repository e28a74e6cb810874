package io.sluice.store;

import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.sluice.redis.Moment;
import org.jspecify.annotations.Nullable;

/**
 * What a key in Redis was last seen to hold.
 *
 * @param bytes the value, empty where the key was absent; not to be changed
 * @param state the bucket in those bytes, null where there is none and so a full one; not to be
 *     changed
 * @param seenAt when, in nanoseconds of the process' elapsed time
 */
@SuppressWarnings("ArrayRecordComponent") // compared as a whole nowhere
record Known(byte[] bytes, @Nullable RemoteBucketState state, long seenAt) {

  /**
   * How far the last refill of a bucket may lie ahead of now, in nanoseconds, without Redis' clock
   * having been set back: twice what {@link CommitScript} lets a writer's clock be off.
   */
  static final long MOST_AHEAD = 1_000_000_000L;

  private static final byte[] ABSENT = {};

  static Known absent(long seenAt) {
    return new Known(ABSENT, null, seenAt);
  }

  /** Returns what was read from Redis; null or empty where the key was absent. */
  static Known read(byte @Nullable [] bytes, long seenAt) {
    return bytes == null || bytes.length == 0
        ? absent(seenAt)
        : new Known(bytes, StateCodec.decode(bytes), seenAt);
  }

  /** Returns whether the bucket lacks so many tokens unless some have come back since. */
  boolean mayLack(long tokens) {
    return state == null || state.getAvailableTokens() < tokens;
  }

  /**
   * Returns whether the bucket was written before Redis' clock was set back. It would get no refill
   * until the clock has caught up, so {@link #tokens} carries its last refill over to the new
   * clock: nothing but that time changes, and nothing is credited by it. Whoever decides on such a
   * bucket has to store it, even to refuse.
   */
  boolean isAhead(Moment now) {
    return state != null
        && MergeLayout.HOLDS
        && MergeLayout.lastRefill(bytes, state) - now.epochNanos() > MOST_AHEAD;
  }

  /** Returns the bucket's tokens now, as a copy to be changed. */
  Tokens tokens(Terms terms, Moment now) {
    if (state == null) {
      return Tokens.full(terms, now.epochNanos());
    }
    return Tokens.of(isAhead(now) ? carriedOver(state, now) : state, terms, now.epochNanos());
  }

  private RemoteBucketState carriedOver(RemoteBucketState written, Moment now) {
    long refilled = now.carriedOver(MergeLayout.lastRefill(bytes, written));
    RemoteBucketState carried =
        StateCodec.decode(MergeLayout.withLastRefill(bytes, written, refilled));
    return carried == null ? written : carried;
  }
}
