package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.redis.Moment;
import io.sluice.store.SingleKeyCommit.Step;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Charges one bucket, or gives back to it, whatever it holds. Whoever completes the future first
 * has nothing done that is not under way already. Thread-safe.
 */
final class Settlement {

  private final SingleKeyCommit commit;

  Settlement(SingleKeyCommit commit) {
    this.commit = commit;
  }

  /** Settles; completes when it is done, or exceptionally when it is not known to be. */
  CompletableFuture<Void> settle(BucketKey key, Terms terms, long tokens) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    CompletionStage<Tokens> settled =
        commit.commit(key, terms, (held, now) -> settled(held, terms, tokens, now));
    settled.whenComplete((after, failure) -> {
      if (failure == null) {
        done.complete(null);
      } else {
        done.completeExceptionally(explained(failure));
      }
    });
    var unused =
        done.whenComplete((nothing, failure) -> settled.toCompletableFuture().cancel(false));
    return done;
  }

  private static Step<Tokens> settled(Known held, Terms terms, long tokens, Moment now) {
    Tokens next = held.tokens(terms, now);
    next.settle(tokens);
    boolean fullAsItIs = held.bytes().length == 0 && tokens < 0; // It stays absent.
    return new Step<>(fullAsItIs ? null : next, tokens, after -> after);
  }

  private static Throwable explained(Throwable failure) {
    Throwable cause = Question.unwrapped(failure);
    return cause instanceof StoreOverloadedException
        ? cause
        : new StoreUnavailableException("Redis did not answer a settlement", cause);
  }
}
