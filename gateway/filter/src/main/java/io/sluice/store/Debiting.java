package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.redis.Moment;
import io.sluice.redis.RedisUnavailableException;
import io.sluice.store.SingleKeyCommit.Step;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Debits one bucket in Redis. It never merges, so that it is known what was there: where there is
 * nothing although something was seen before and would not be full yet, Redis has lost it, and the
 * debit is made on what was last seen. Thread-safe.
 */
final class Debiting {

  private final SingleKeyCommit commit;
  private final KnownStates known;

  Debiting(SingleKeyCommit commit, KnownStates known) {
    this.commit = commit;
    this.known = known;
  }

  /** Debits; see {@link Ledger#debit}. */
  CompletionStage<Debit> debit(BucketKey key, Terms terms, long tokens) {
    Known remembered = known.get(key);
    return commit
        .commit(key, (held, now) -> debited(held, remembered, terms, tokens, now))
        .exceptionally(Debiting::undone);
  }

  private static Step<Debit> debited(
      Known held, @Nullable Known remembered, Terms terms, long tokens, Moment now) {
    boolean absent = held.bytes().length == 0;
    Known base = absent && remembered != null ? remembered : held;
    Tokens next = base.tokens(terms, now);
    long restored = absent ? Math.max(0, next.spent()) : 0;
    if (tokens >= 0) {
      next.charge(tokens);
    } else {
      next.giveBack(-tokens);
    }
    boolean asItIs = absent ? next.spent() <= 0 : tokens == 0;
    long below = Math.max(0, Math.min(tokens, -next.available()));
    Debit debit = Debit.done(restored, below);
    return Step.exactly(asItIs ? null : next, debit);
  }

  private static Debit undone(Throwable failure) {
    Throwable cause = Question.unwrapped(failure);
    if (cause instanceof RedisUnavailableException problem && problem.isUndone()) {
      return Debit.notDone(problem);
    }
    // Where others were quicker each time nothing was carried out either.
    return cause instanceof StoreOverloadedException ? Debit.NOT_DONE : Debit.UNKNOWN;
  }
}
