package io.sluice.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * A question that has to wait for something else first. Whoever completes the answer has called it
 * off: it is never asked, or what was asked is cancelled in its turn, which the stages of {@link
 * CompletableFuture#thenCompose} do not do.
 */
final class Afterwards {

  private Afterwards() {}

  /** Asks when the first stage is complete; fails as it does, or as the question does. */
  static <S, T> CompletableFuture<T> ask(
      CompletionStage<S> first, Function<S, ? extends CompletionStage<T>> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    first.whenComplete((value, failure) -> {
      if (failure != null) {
        answer.completeExceptionally(Question.unwrapped(failure));
      } else if (!answer.isDone()) {
        ask(value, question, answer);
      }
    });
    return answer;
  }

  private static <S, T> void ask(
      S value, Function<S, ? extends CompletionStage<T>> question, CompletableFuture<T> answer) {
    CompletionStage<T> asked;
    try {
      asked = question.apply(value);
    } catch (RuntimeException e) {
      answer.completeExceptionally(e);
      return;
    }
    asked.whenComplete((result, failure) -> {
      if (failure == null) {
        answer.complete(result);
      } else {
        answer.completeExceptionally(Question.unwrapped(failure));
      }
    });
    var unused =
        answer.whenComplete((result, failure) -> asked.toCompletableFuture().cancel(false));
  }
}
