package io.sluice.store;

import io.sluice.limit.StoreOverloadedException;
import io.sluice.redis.RedisUnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One question to the shared store: answered by it, or without it from its deadline on, whichever
 * comes first; what comes second is ignored, and is called off, so that what was not sent yet is
 * not charged there as well. A store that is healthy but full is an answer too. Thread-safe.
 */
final class Question<T> implements DeadlineQueue.Waiting {

  private final CompletableFuture<T> answer = new CompletableFuture<>();
  private final AtomicBoolean decided = new AtomicBoolean();
  private final CompletableFuture<T> asked;
  private final long askedAt;
  private final long due;
  private final Supplier<CompletionStage<T>> instead;
  private final Blame blame;

  Question(
      CompletableFuture<T> asked,
      long askedAt,
      long due,
      Supplier<CompletionStage<T>> instead,
      Blame blame) {
    this.asked = asked;
    this.askedAt = askedAt;
    this.due = due;
    this.instead = instead;
    this.blame = blame;
  }

  CompletionStage<T> answer() {
    return answer;
  }

  /** The shared store answered, or failed. */
  void answered(T value, @Nullable Throwable failure) {
    if (!decided.compareAndSet(false, true)) {
      return;
    }
    if (failure == null) {
      answer.complete(value);
      return;
    }
    Throwable cause = unwrapped(failure);
    if (cause instanceof StoreOverloadedException) {
      answer.completeExceptionally(cause);
    } else if (cause instanceof StillOwedException owed) {
      stillOwed(owed.getCause());
    } else {
      goOnAfter(() -> blame.failed(cause));
    }
  }

  @Override
  public boolean isDone() {
    return decided.get();
  }

  @Override
  public long due() {
    return due;
  }

  @Override
  public void expire() {
    if (decided.compareAndSet(false, true)) {
      asked.cancel(false);
      goOnAfter(() -> blame.late(askedAt));
    }
  }

  /** A failure is to be blamed as if the request had met it: it may be the only one that does. */
  private void stillOwed(@Nullable Throwable why) {
    if (why == null) {
      goOn();
    } else {
      goOnAfter(() -> blame.failed(why));
    }
  }

  /** The request goes on whatever becomes of what was to be done first. */
  private void goOnAfter(Runnable first) {
    try {
      first.run();
    } finally {
      goOn();
    }
  }

  private void goOn() {
    try {
      instead
          .get()
          .whenComplete((value, failure) -> {
            if (failure == null) {
              answer.complete(value);
            } else {
              answer.completeExceptionally(unwrapped(failure));
            }
          });
    } catch (RuntimeException e) {
      answer.completeExceptionally(e);
    }
  }

  /** Returns whether a call was not carried out because its keys are being moved. */
  static boolean isBetweenNodes(@Nullable Throwable failure) {
    return failure != null
        && unwrapped(failure) instanceof RedisUnavailableException problem
        && problem.isBetweenNodes();
  }

  static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }
}
