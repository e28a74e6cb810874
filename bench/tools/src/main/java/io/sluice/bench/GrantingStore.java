package io.sluice.bench;

import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A store that grants everything and counts nothing, so that what surrounds it is measured. */
final class GrantingStore implements BucketStore {

  private static final Verdict YES = new Verdict(true, 4711, 3_000_000_000L, 0, Source.REDIS);

  @Override
  public CompletionStage<List<Verdict>> take(List<Draw> draws) {
    return CompletableFuture.completedFuture(Collections.nCopies(draws.size(), YES));
  }

  @Override
  public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
    return take(draws);
  }

  @Override
  public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Boolean> reset(BucketKey key) {
    return CompletableFuture.completedFuture(false);
  }
}
