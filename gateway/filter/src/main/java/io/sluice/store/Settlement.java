package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.redis.Moment;
import io.sluice.store.SingleKeyCommit.Step;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Charges one bucket, or gives back to it, whatever it holds. A charge merges where it can; giving
 * back never does, because of the cut at the capacity. Thread-safe.
 */
final class Settlement {

  private final SingleKeyCommit commit;
  private final boolean merging;

  Settlement(SingleKeyCommit commit, boolean merging) {
    this.commit = commit;
    this.merging = merging;
  }

  /** Settles; completes when it is done, or exceptionally when it is not known to be. */
  CompletionStage<Void> settle(BucketKey key, Terms terms, long tokens) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    commit
        .commit(
            key,
            (held, now) ->
                tokens > 0 ? charge(held, terms, tokens, now) : giveBack(held, terms, -tokens, now))
        .whenComplete((settled, failure) -> {
          if (failure == null) {
            done.complete(null);
          } else {
            done.completeExceptionally(explained(failure));
          }
        });
    return done;
  }

  private Step<Long> charge(Known held, Terms terms, long tokens, Moment now) {
    Tokens next = held.tokens(terms, now);
    next.charge(tokens);
    String outline =
        merging ? MergeLayout.outline(next.state(), terms) : MergeLayout.NOTHING_TO_MERGE;
    return new Step<>(next, tokens, outline, tokens);
  }

  private static Step<Long> giveBack(Known held, Terms terms, long tokens, Moment now) {
    if (held.bytes().length == 0) {
      return Step.exactly(null, tokens); // A full bucket stays absent.
    }
    Tokens next = held.tokens(terms, now);
    next.giveBack(tokens);
    return Step.exactly(next, tokens);
  }

  private static Throwable explained(Throwable failure) {
    Throwable cause = Question.unwrapped(failure);
    return cause instanceof StoreOverloadedException
        ? cause
        : new StoreUnavailableException("Redis did not answer a settlement", cause);
  }
}
