package io.sluice.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.redis.Moment;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last known states of buckets in Redis, and the refusals that follow from them. Bounded;
 * thread-safe.
 *
 * <p>A wrong or forgotten state costs a round trip and never exactness, because Redis is compared
 * with it before anything is written. For refusals it is the other way round: nothing is written
 * and Redis is not asked. A known state refuses rightly as long as nobody adds tokens, for others
 * can only have taken some. This gateway's own settlements and resets put their result here at
 * once; those of others, and a key lost by Redis, go unnoticed for as long as a state counts as
 * fresh: one second.
 */
final class KnownStates {

  private static final long FRESH_NANOS = 1_000_000_000L;

  private final Cache<BucketKey, Known> states;
  private final BrokenKeys broken = new BrokenKeys();

  KnownStates(int most) {
    this.states = Caffeine.newBuilder().maximumSize(most).executor(Runnable::run).build();
  }

  /**
   * Returns what was read from a key in Redis; null or empty where the key was absent. Bytes that
   * are no bucket are told and count as a full one, which replaces them: a caller whose key
   * somebody has spoilt gets one bucket too many, and nobody else notices.
   */
  Known read(byte[] redisKey, byte @Nullable [] bytes, long seenAt) {
    if (bytes == null || bytes.length == 0) {
      return Known.absent(seenAt);
    }
    try {
      return new Known(bytes, StateCodec.decode(bytes), seenAt);
    } catch (IOException e) {
      broken.add(redisKey, e, seenAt);
      return new Known(bytes, null, seenAt);
    }
  }

  @Nullable Known get(BucketKey key) {
    return states.getIfPresent(key);
  }

  /** Takes in what was seen, unless something later was seen already. */
  void learn(BucketKey key, Known seen) {
    states
        .asMap()
        .merge(key, seen, (held, next) -> held.seenAt() - next.seenAt() > 0 ? held : next);
  }

  static boolean isFresh(@Nullable Known known, long nanoTime) {
    return known != null && nanoTime - known.seenAt() < FRESH_NANOS;
  }

  /**
   * Returns the refusal of a take, where that is certain without asking Redis: all its buckets are
   * fresh in memory, none stands on other terms or on a clock that has been set back since, and one
   * is short.
   *
   * @return the verdicts, or null where Redis has to be asked
   */
  @Nullable List<Verdict> refusal(List<Draw> draws, Terms[] terms, Moment now, long nanoTime) {
    Known[] seen = new Known[terms.length];
    boolean maybeShort = false;
    for (int i = 0; i < seen.length; i++) {
      Known state = states.getIfPresent(draws.get(i).key());
      if (state == null || !isFresh(state, nanoTime) || state.isOutdated(terms[i], now)) {
        return null;
      }
      seen[i] = state;
      maybeShort |= state.mayLack(draws.get(i).tokens());
    }
    return maybeShort ? refusal(draws, terms, seen, now) : null;
  }

  private static @Nullable List<Verdict> refusal(
      List<Draw> draws, Terms[] terms, Known[] seen, Moment now) {
    boolean all = true;
    Tokens[] tokens = new Tokens[seen.length];
    for (int i = 0; i < seen.length; i++) {
      tokens[i] = seen[i].tokens(terms[i], now);
      all &= tokens[i].available() >= draws.get(i).tokens();
    }
    return all ? null : asked(draws, tokens);
  }

  /** Returns the verdicts on tokens that are not taken. */
  static List<Verdict> asked(List<Draw> draws, Tokens[] tokens) {
    Verdict[] verdicts = new Verdict[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      verdicts[i] = tokens[i].asked(draws.get(i).tokens(), Source.REDIS);
    }
    return List.of(verdicts);
  }
}
