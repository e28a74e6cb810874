package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class AfterwardsTest {

  private final CompletableFuture<String> first = new CompletableFuture<>();
  private final CompletableFuture<String> asked = new CompletableFuture<>();
  private final AtomicBoolean wasAsked = new AtomicBoolean();
  private final CompletableFuture<String> answer =
      Afterwards.ask(
          first,
          value -> {
            wasAsked.set(true);
            return asked;
          });

  @Test
  void asksWhenTheFirstIsDoneAndAnswersAsTheQuestionDoes() {
    assertThat(wasAsked).isFalse();
    first.complete("go");
    assertThat(wasAsked).isTrue();
    assertThat(answer).isNotDone();
    asked.complete("yes");
    assertThat(answer).isCompletedWithValue("yes");
  }

  @Test
  void whatIsCalledOffInTimeIsNeverAsked() {
    answer.cancel(false);
    first.complete("go");
    assertThat(wasAsked).isFalse();
  }

  @Test
  void whatIsCalledOffAfterwardsIsCancelledToo() {
    first.complete("go");
    answer.cancel(false);
    assertThat(asked).isCancelled();
  }

  @Test
  void failsPlainlyAsEitherDoes() {
    IllegalStateException failure = new IllegalStateException("out of order");
    CompletableFuture<String> wrapped = first.thenApply(value -> value);
    CompletableFuture<String> never = Afterwards.ask(wrapped, value -> asked);
    CompletableFuture<String> thrown =
        Afterwards.ask(
            CompletableFuture.completedFuture("go"),
            value -> {
              throw failure;
            });
    first.completeExceptionally(failure);
    for (CompletableFuture<String> each : List.of(answer, never, thrown)) {
      assertThat(each.handle((value, cause) -> cause).join()).isSameAs(failure);
      assertThatThrownBy(each::get).isInstanceOf(ExecutionException.class).hasCause(failure);
    }
    assertThat(wasAsked).isFalse();
  }
}
