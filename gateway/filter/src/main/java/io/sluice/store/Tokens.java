package io.sluice.store;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.BucketState;
import io.github.bucket4j.MathType;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.github.bucket4j.distributed.remote.RemoteStat;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import java.io.IOException;
import java.math.BigInteger;

/**
 * The tokens of one bucket at one moment, counted by Bucket4j's 64-bit arithmetic.
 *
 * <p>Times are nanoseconds since the Unix epoch, on the clock of whoever owns the bucket. A moment
 * that lies before the last refill changes nothing. Not thread-safe.
 */
final class Tokens {

  /** How long a bucket is kept after it is full again, so that a steady caller finds it. */
  static final long KEEP_NANOS = 10_000_000_000L;

  /** Bounds a time to live where Redis' own arithmetic would overflow: a thousand years. */
  private static final long LONGEST_TTL_MILLIS = 1000L * 365 * 86_400_000;

  /** How far a version may be ahead of the clock: it may have been set back since. */
  private static final long SECONDS_AHEAD = 86_400;

  private final RemoteBucketState state;
  private long now;

  private Tokens(RemoteBucketState state, long now) {
    this.state = state;
    this.now = now;
  }

  /** Returns a full bucket. */
  static Tokens full(Terms terms, long now) {
    BucketState fresh =
        BucketState.createInitialState(terms.configuration(), MathType.INTEGER_64_BITS, now);
    return new Tokens(new RemoteBucketState(fresh, new RemoteStat(0), terms.version()), now);
  }

  /**
   * Returns a stored bucket as it is now: on its own terms where they are of a later book, which
   * another gateway has read already, and otherwise on these. It never holds more than its
   * capacity, whatever somebody has added.
   *
   * @param stored left as it is
   */
  static Tokens of(RemoteBucketState stored, Terms terms, long now) {
    Tokens tokens = new Tokens(stored.copy(), now);
    if (!isOfLaterBook(stored, terms, now)) {
      tokens.follow(terms);
      tokens.number(terms.version());
    }
    if (stored.getConfiguration().equals(terms.configuration())) {
      // One configuration for all buckets of a limit, instead of one read from Redis for each.
      tokens.state.getState().setConfiguration(terms.configuration());
    }
    tokens.advance(now);
    tokens.giveBack(0); // Cuts at the capacity.
    return tokens;
  }

  /** Returns whether these terms replace those of a stored bucket and are not the same. */
  static boolean changesWith(RemoteBucketState stored, Terms terms, long now) {
    return !stored.getConfiguration().equals(terms.configuration())
        && !isOfLaterBook(stored, terms, now);
  }

  /**
   * Versions are Redis' seconds since 1970 or a little more ({@link ConfigVersions}) and stand for
   * one bandwidth each, so what bears any other number or configuration is none of ours.
   */
  private static boolean isOfLaterBook(RemoteBucketState stored, Terms terms, long now) {
    Long version = stored.getConfigurationVersion();
    return version != null
        && version > terms.version()
        && version <= now / 1_000_000_000 + SECONDS_AHEAD
        && Terms.canBe(stored.getConfiguration());
  }

  private void number(long version) {
    Long had = state.getConfigurationVersion();
    if (had == null || had != version) {
      state.setConfigurationVersion(version);
    }
  }

  /** Returns a copy. */
  Tokens copy() {
    return new Tokens(state.copy(), now);
  }

  /**
   * Returns a copy on another clock: as full, and as far into its interval or its next token.
   *
   * @param terms those that it has
   * @param other what the other clock shows at the moment of the last {@link #advance}
   */
  Tokens onClock(Terms terms, long other) {
    if (MergeLayout.HOLDS) {
      byte[] bytes = StateCodec.encode(state);
      long refilled = MergeLayout.lastRefill(bytes, state) - now + other;
      try {
        return of(
            StateCodec.decode(MergeLayout.withLastRefill(bytes, state, refilled)), terms, other);
      } catch (IOException e) {
        // Not what we wrote ourselves: then what counts most, how much is spent.
        return spentAnew(terms, other);
      }
    }
    return spentAnew(terms, other);
  }

  private Tokens spentAnew(Terms terms, long other) {
    Tokens anew = full(terms, other);
    anew.charge(Math.max(0, spent()));
    return anew;
  }

  /** Credits what has come back until now. */
  void advance(long now) {
    this.now = now;
    state.refillAllBandwidth(now);
  }

  /**
   * Takes on other terms at the moment of the last {@link #advance}. What was spent stays spent:
   * {@code remaining = max(0, new capacity - spent)}, for a raise and for a cut. (Bucket4j's
   * ADDITIVE strategy keeps it for a raise only.)
   *
   * <p>The fraction of a token under way is kept or rounded down; an interval goes on with its
   * phase, and starts anew when the way of refilling changes.
   */
  void follow(Terms terms) {
    BucketConfiguration before = state.getConfiguration();
    BucketConfiguration after = terms.configuration();
    if (before.equals(after)) {
      return;
    }
    state.refillAllBandwidth(now);
    giveBack(0);
    long capacity = terms.bandwidth().capacity();
    become(terms, Math.min(capacity, Math.max(0, capacity - spent())));
  }

  /**
   * Becomes a share of itself at the moment of the last {@link #advance}: as full as it was,
   * rounded down, and in debt by as much of the debt.
   */
  void shrink(Terms share) {
    if (!state.getConfiguration().equals(share.configuration())) {
      BigInteger part = BigInteger.valueOf(available());
      BigInteger capacity = BigInteger.valueOf(share.bandwidth().capacity());
      BigInteger[] level =
          part.multiply(capacity).divideAndRemainder(BigInteger.valueOf(capacity()));
      become(share, level[0].longValueExact() + Math.min(0, level[1].signum()));
    }
  }

  private void become(Terms terms, long remaining) {
    BucketConfiguration before = state.getConfiguration();
    BucketConfiguration after = terms.configuration();
    boolean samePace =
        before.getBandwidths().length == 1
            && before.getBandwidths()[0].isRefillIntervally()
                == after.getBandwidths()[0].isRefillIntervally()
            && !before.getBandwidths()[0].hasId();
    state.replaceConfiguration(
        after, samePace ? TokensInheritanceStrategy.AS_IS : TokensInheritanceStrategy.RESET, now);
    // A shorter interval may have ended meanwhile: that only sets its phase, nothing is credited.
    state.refillAllBandwidth(now);
    long surplus = state.getAvailableTokens() - remaining;
    if (surplus > 0) {
      state.getState().consume(surplus);
    } else {
      state.forceAddTokens(-surplus);
    }
  }

  /** Returns what is missing from a full bucket. */
  long spent() {
    Bandwidth[] bandwidths = state.getConfiguration().getBandwidths();
    long spent = Long.MIN_VALUE;
    for (int i = 0; i < bandwidths.length; i++) {
      spent = Math.max(spent, bandwidths[i].getCapacity() - state.getState().getCurrentSize(i));
    }
    return spent;
  }

  /** Returns the whole tokens there are; negative after a settlement beyond what was there. */
  long available() {
    return state.getAvailableTokens();
  }

  /** Takes tokens, below zero if need be. */
  void charge(long tokens) {
    state.consume(tokens);
  }

  /** Puts tokens back, up to the capacity. */
  void giveBack(long tokens) {
    state.addTokens(tokens);
  }

  /** Takes tokens, or puts them back where they are negative. */
  void settle(long tokens) {
    if (tokens >= 0) {
      charge(tokens);
    } else {
      giveBack(-tokens);
    }
  }

  /** Returns the state to store; not to be changed. */
  RemoteBucketState state() {
    return state;
  }

  /**
   * Returns the verdict on tokens that were taken.
   *
   * @param takenSince tokens that others have taken from this bucket since
   */
  Verdict granted(long takenSince, Source source) {
    long remaining = available() + takenSince;
    long nanosToNext = remaining >= capacity() ? 0 : nanosTo(Math.max(0, available()) + 1);
    return new Verdict(true, Math.max(0, remaining), nanosToNext, 0, source);
  }

  /** Returns the verdict on tokens that were not taken, here or in another bucket. */
  Verdict asked(long tokens, Source source) {
    long remaining = Math.max(0, available());
    boolean enough = available() >= tokens;
    long nanosToNext = remaining >= capacity() ? 0 : nanosTo(remaining + 1);
    long nanosToGrant = enough ? 0 : tokens > capacity() ? Long.MAX_VALUE : nanosTo(tokens);
    return new Verdict(enough, remaining, nanosToNext, nanosToGrant, source);
  }

  /** Returns nanoseconds until the bucket is full. */
  long nanosToFull() {
    return Math.max(0, state.calculateFullRefillingTime(now));
  }

  /** Returns how long to store the bucket: until it is full, when it need not exist, and a bit. */
  long ttlMillis() {
    return ttlMillis(nanosToFull());
  }

  /** Returns how long to store a bucket with as many tokens as this one or fewer, but not below. */
  static long longestTtlMillis(BucketConfiguration configuration) {
    Bandwidth[] bandwidths = configuration.getBandwidths();
    double longest = 0;
    for (Bandwidth bandwidth : bandwidths) {
      double periods = Math.ceil((double) bandwidth.getCapacity() / bandwidth.getRefillTokens());
      longest = Math.max(longest, periods * bandwidth.getRefillPeriodNanos());
    }
    return ttlMillis((long) longest);
  }

  private static long ttlMillis(long nanosToFull) {
    return Math.min(LONGEST_TTL_MILLIS, nanosToFull / 1_000_000 + KEEP_NANOS / 1_000_000 + 1);
  }

  private long capacity() {
    Bandwidth[] bandwidths = state.getConfiguration().getBandwidths();
    long capacity = bandwidths[0].getCapacity();
    for (int i = 1; i < bandwidths.length; i++) {
      capacity = Math.min(capacity, bandwidths[i].getCapacity());
    }
    return capacity;
  }

  /**
   * Returns nanoseconds until the bucket holds so many tokens, rounded up: Bucket4j rounds the
   * greedy wait down, and whoever waited for it would come a nanosecond early.
   */
  private long nanosTo(long level) {
    long deficit = level - available();
    if (deficit <= 0) {
      return 0;
    }
    Bandwidth[] bandwidths = state.getConfiguration().getBandwidths();
    long period = bandwidths[0].getRefillPeriodNanos();
    boolean fits = Math.multiplyHigh(deficit, period) == 0 && deficit * period >= 0;
    if (bandwidths.length == 1 && bandwidths[0].isGready() && fits) {
      long owed = deficit * period - state.getState().getRoundingError(0);
      long tokens = bandwidths[0].getRefillTokens();
      return owed / tokens + (owed % tokens == 0 ? 0 : 1);
    }
    long delay = state.calculateDelayNanosAfterWillBePossibleToConsume(level, now, true);
    return delay < 0 ? Long.MAX_VALUE : delay;
  }
}
