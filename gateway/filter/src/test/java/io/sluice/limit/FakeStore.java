package io.sluice.limit;

import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/**
 * Buckets that never refill, counted in memory. Answers on the caller's thread, or on an executor's
 * as a store on a network does. A refused caller is told to come again in three seconds.
 */
public final class FakeStore implements BucketStore {

  private static final long SECONDS_3 = 3_000_000_000L;

  private final Map<BucketKey, Long> taken = new HashMap<>();
  private final List<List<Draw>> takes = new ArrayList<>();
  private final Executor executor;
  private UnaryOperator<Verdict> twist = UnaryOperator.identity();

  /** Creates a store that answers at once. */
  public FakeStore() {
    this(Runnable::run);
  }

  /** Creates a store that answers on this executor. */
  public FakeStore(Executor executor) {
    this.executor = executor;
  }

  /** Changes every verdict from now on; may throw. */
  public synchronized void twist(UnaryOperator<Verdict> change) {
    twist = change;
  }

  /** Returns all takes so far. */
  public synchronized List<List<Draw>> takes() {
    return List.copyOf(takes);
  }

  /** Returns the tokens taken from each bucket. */
  public synchronized Map<BucketKey, Long> taken() {
    return Map.copyOf(taken);
  }

  @Override
  public CompletionStage<List<Verdict>> take(List<Draw> draws) {
    CompletableFuture<List<Verdict>> answer = new CompletableFuture<>();
    executor.execute(() -> {
      try {
        answer.complete(takeNow(draws));
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
      }
    });
    return answer;
  }

  @Override
  public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Boolean> reset(BucketKey key) {
    throw new UnsupportedOperationException();
  }

  private synchronized List<Verdict> takeNow(List<Draw> draws) {
    takes.add(List.copyOf(draws));
    boolean all = draws.stream().allMatch(draw -> left(draw) >= draw.tokens());
    List<Verdict> verdicts = new ArrayList<>();
    for (Draw draw : draws) {
      boolean granted = left(draw) >= draw.tokens();
      if (all) {
        taken.merge(draw.key(), draw.tokens(), Long::sum);
      }
      verdicts.add(
          twist.apply(
              new Verdict(granted, left(draw), SECONDS_3, granted ? 0 : SECONDS_3, Source.LOCAL)));
    }
    return verdicts;
  }

  private long left(Draw draw) {
    return draw.bandwidth().capacity() - taken.getOrDefault(draw.key(), 0L);
  }
}
