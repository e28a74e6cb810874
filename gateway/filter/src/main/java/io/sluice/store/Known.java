package io.sluice.store;

import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.sluice.redis.Moment;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a key in Redis was last seen to hold.
 *
 * <h2>Whose clock, and when it jumps</h2>
 *
 * All gateways count on Redis' clock as each of them knows it ({@link io.sluice.redis.RedisClock}).
 * The script compares the moment that a batch was decided at with Redis' own time; where they are
 * more than half a second apart it carries nothing out and replies with that time, and the batch is
 * decided again on the clock corrected by it. So nothing is ever written on a clock that is wrong:
 * not in the first moments of a gateway, not after a fail-over to a Redis with another clock, not
 * between a step of the clock and its notice, and not by a batch that lay somewhere for longer.
 *
 * <p>It follows that a stored last refill can be ahead of now by a second at most, unless Redis'
 * clock was <b>set back</b>. Such a bucket would get nothing until the clock has caught up. Whoever
 * meets it moves its last refill to the new clock and leaves its tokens as they are ({@link
 * #isOutdated}), and stores that even if it refuses. A gateway that was there when the clock was
 * set knows by how much, so callers get exactly what they are owed, and intervals keep their phase;
 * one that was not, and a merge, count from now, so a caller loses what came back since the bucket
 * was written last, at most one refill from empty to full. A step of less than a second may freeze
 * a bucket for that long. Keys live longer by the step. Only where the clock is set back twice
 * before a gateway notices once may it credit a bucket the second step as well.
 *
 * <p>A clock that is <b>set forward</b> ages what Redis stores: keys expire by Redis' own clock,
 * and an expired bucket is full, so no rule of ours could do better. Each bucket is refilled by the
 * step, up to its capacity, once for each step, however many gateways notice and whenever they do:
 * after a step none can write on the clock of before. A step within half a second is not noticed by
 * the script, and credits at most that.
 *
 * <p>Refusals from memory may follow the old clock until the state is a second old. Whoever else
 * writes these keys, a stock Bucket4j proxy for instance, must keep Redis' time to half a second
 * too.
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

  /** Returns whether the bucket lacks so many tokens unless some have come back since. */
  boolean mayLack(long tokens) {
    return state == null || state.getAvailableTokens() < tokens;
  }

  /**
   * Returns whether whoever decides on the bucket has to store it, even to refuse: as long as it
   * stands on other terms or on the clock of before, it is refilled by those.
   */
  boolean isOutdated(Terms terms, Moment now) {
    return isAhead(now) || (state != null && Tokens.changesWith(state, terms, now.epochNanos()));
  }

  /**
   * Returns whether the bucket was written before Redis' clock was set back. It would get no refill
   * until the clock has caught up, so {@link #tokens} carries its last refill over to the new
   * clock: nothing but that time changes, and nothing is credited by it.
   */
  private boolean isAhead(Moment now) {
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
    try {
      return StateCodec.decode(MergeLayout.withLastRefill(bytes, written, refilled));
    } catch (IOException e) {
      return written;
    }
  }
}
