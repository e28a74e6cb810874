package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;

/** Decides on slots that no node of the cluster serves, by each policy's on-outage. Thread-safe. */
final class NoNode implements Place {

  private final BucketStore local;
  private final Fallback fallback;
  private final LongAdder decisions = new LongAdder();

  NoNode(BucketStore local, OutageTally tally) {
    this.local = local;
    this.fallback = new Fallback(local, tally);
  }

  /** Returns how many requests were decided here. */
  long decisions() {
    return decisions.sum();
  }

  @Override
  public CompletionStage<List<Verdict>> take(List<Draw> draws) {
    decisions.increment();
    return fallback.take(draws);
  }

  @Override
  public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
    return fallback.peek(draws);
  }

  @Override
  public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
    return local.settle(key, bandwidth, tokens);
  }

  @Override
  public CompletionStage<Boolean> reset(BucketKey key) {
    return local.reset(key);
  }

  @Override
  public CompletionStage<Void> giveBackShared(BucketKey key, Bandwidth bandwidth, long tokens) {
    return CompletableFuture.failedFuture(
        new StoreUnavailableException("no node serves the bucket", null));
  }
}
