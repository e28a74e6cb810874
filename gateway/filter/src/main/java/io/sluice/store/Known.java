package io.sluice.store;

import io.github.bucket4j.distributed.remote.RemoteBucketState;
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

  /** Returns the bucket's tokens now, as a copy to be changed. */
  Tokens tokens(Terms terms, long now) {
    return state == null ? Tokens.full(terms, now) : Tokens.of(state, terms, now);
  }
}
