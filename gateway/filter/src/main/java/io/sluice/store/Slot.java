package io.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.limit.BucketKey;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.redis.Moment;
import org.jspecify.annotations.Nullable;

/** One bucket within one batch. Not thread-safe. */
final class Slot {

  private final BucketKey key;
  private final Known base;
  private final Terms terms;
  private final Moment now;
  private final boolean fresh;
  private final boolean outdated;
  private final Tokens tokens;
  private int number;
  private long charge;
  private byte[] redisKey = {};
  private byte[] next = {};

  private boolean exhausted;
  private @Nullable Known reported;
  private @Nullable Tokens after;
  private long committed;
  private long told;

  /**
   * Creates a slot.
   *
   * @param known what the key was last seen to hold; null is taken for an absent key
   * @param fresh whether a shortage that follows from what is known needs no second look
   */
  Slot(
      BucketKey key, @Nullable Known known, boolean fresh, Terms terms, Moment now, long nanoTime) {
    this.key = key;
    this.base = known != null ? known : Known.absent(nanoTime);
    this.fresh = fresh;
    this.terms = terms;
    this.now = now;
    this.outdated = base.isOutdated(terms, now);
    this.tokens = base.tokens(terms, now);
  }

  BucketKey key() {
    return key;
  }

  /** Returns whether a shortage can be told at once: there is nothing to look at or to store. */
  boolean fresh() {
    return fresh && !outdated;
  }

  /** Returns the tokens that are left if everything charged so far commits. */
  Tokens tokens() {
    return tokens;
  }

  boolean charged() {
    return charge > 0;
  }

  void charge(long wanted) {
    tokens.charge(wanted);
    charge += wanted;
  }

  /** Returns its name in Redis, as it was sent. */
  byte[] redisKey() {
    return redisKey;
  }

  /** Returns its place in the call, from 1. */
  int number() {
    return number;
  }

  void number(int place) {
    this.number = place;
  }

  /** Adds this bucket to a call. */
  void write(CommitScript call, String prefix, boolean merging) {
    redisKey = key.inRedis(prefix).getBytes(UTF_8);
    if (charge == 0 && !outdated) {
      call.look(redisKey, base.bytes());
      return;
    }
    next = StateCodec.encode(tokens.state());
    String outline =
        merging ? MergeLayout.outline(tokens.state(), terms) : MergeLayout.NOTHING_TO_MERGE;
    call.charge(redisKey, base.bytes(), next, tokens.ttlMillis(), charge, outline);
  }

  /** Takes in what the script reported of this key. */
  void report(boolean taken, Known held) {
    exhausted = !taken;
    reported = held;
  }

  /** Returns whether the key could not take its charge. */
  boolean exhausted() {
    return exhausted;
  }

  /** Returns whether the key turned out to hold what has to be stored anew whatever is decided. */
  boolean isOutdated() {
    return reported != null && reported.isOutdated(terms, now);
  }

  /** Counts tokens that a take has got. */
  void commit(long granted) {
    committed += granted;
  }

  /** Returns what the key holds after the batch. */
  Known seen(long seenAt) {
    if (reported != null) {
      return reported;
    }
    return committed > 0 || (outdated && charge == 0)
        ? new Known(next, tokens.state(), seenAt)
        : new Known(base.bytes(), base.state(), seenAt);
  }

  /** Returns the tokens that the bucket has after the batch. */
  Tokens after() {
    if (after == null) {
      after = reported == null && committed == charge ? tokens : seen(0).tokens(terms, now);
    }
    return after;
  }

  /** Returns the verdict on tokens that were granted; asked for in the order of granting. */
  Verdict granted(long wanted) {
    told += wanted;
    return after().granted(committed - told, Source.REDIS);
  }
}
