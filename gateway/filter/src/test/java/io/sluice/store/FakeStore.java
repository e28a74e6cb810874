package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.PolicyBook;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A store that grants everything, at once, when the test says so, or not at all. */
final class FakeStore implements BucketStore {

  /** What it was asked, such as {@code take a+b}. */
  final List<String> calls = new ArrayList<>();

  private final Verdict verdict;
  private final List<Runnable> waiting = new ArrayList<>();
  private final List<CompletableFuture<?>> handedOut = new ArrayList<>();
  private boolean silent;
  private @Nullable RuntimeException failure;

  FakeStore(Verdict.Source source) {
    this.verdict = new Verdict(true, 9, 1_000, 0, source);
  }

  Verdict verdict() {
    return verdict;
  }

  /** From now on answers wait for {@link #answerAll}. */
  void beSilent(boolean silent) {
    this.silent = silent;
  }

  /** Returns what callers got that were not answered at once. */
  List<CompletableFuture<?>> silent() {
    return handedOut;
  }

  /** From now on every call fails like this, or none does. */
  void failWith(@Nullable RuntimeException failure) {
    this.failure = failure;
  }

  void answerAll() {
    List<Runnable> answers = List.copyOf(waiting);
    waiting.clear();
    answers.forEach(Runnable::run);
  }

  @Override
  public CompletionStage<List<Verdict>> take(List<Draw> draws) {
    calls.add("take " + names(draws));
    return answer(draws.stream().map(draw -> verdict).toList());
  }

  @Override
  public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
    calls.add("peek " + names(draws));
    return answer(draws.stream().map(draw -> verdict).toList());
  }

  @Override
  public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
    calls.add("settle " + key.policy() + " " + tokens);
    return answer(true).thenAccept(done -> {});
  }

  @Override
  public CompletionStage<Boolean> reset(BucketKey key) {
    calls.add("reset " + key.policy());
    return answer(true);
  }

  @Override
  public void adopt(PolicyBook book) {
    calls.add("adopt " + book.revision());
  }

  private <T> CompletableFuture<T> answer(T value) {
    if (failure != null) {
      return CompletableFuture.failedFuture(failure);
    }
    if (!silent) {
      return CompletableFuture.completedFuture(value);
    }
    CompletableFuture<T> later = new CompletableFuture<>();
    waiting.add(() -> later.complete(value));
    handedOut.add(later);
    return later;
  }

  private static String names(List<Draw> draws) {
    return String.join("+", draws.stream().map(draw -> draw.key().policy()).toList());
  }
}
