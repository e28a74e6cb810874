package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.redis.Moment;
import io.sluice.redis.RedisUnavailableException;
import io.sluice.store.SingleKeyCommit.Step;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Debits one bucket in Redis. What is there is debited by merging, which others cannot get ahead
 * of; what is not there never is, so that it is known: where there is nothing although something
 * was seen before and would not be full yet, Redis has lost it, and the debit is made on what was
 * last seen. Thread-safe.
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
        .commit(key, terms, (held, now) -> debited(held, remembered, terms, tokens, now))
        .exceptionally(Debiting::undone);
  }

  private static Step<Debit> debited(
      Known held, @Nullable Known remembered, Terms terms, long tokens, Moment now) {
    boolean absent = held.bytes().length == 0;
    Known base = absent && remembered != null ? remembered : held;
    Tokens next = base.tokens(terms, now);
    long restored = absent ? Math.max(0, next.spent()) : 0;
    next.settle(tokens);
    boolean asItIs = absent ? next.spent() <= 0 : tokens == 0;
    return new Step<>(
        asItIs ? null : next,
        restored > 0 ? 0 : tokens,
        after -> Debit.done(restored, Math.max(0, Math.min(tokens, -after.available()))));
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
