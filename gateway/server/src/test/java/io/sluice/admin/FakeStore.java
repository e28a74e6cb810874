package io.sluice.admin;

import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A store whose buckets never refill; it can be told to hang or to fail. */
final class FakeStore implements BucketStore {

  final Map<BucketKey, Long> spent = new ConcurrentHashMap<>();
  volatile boolean hung;
  volatile @Nullable RuntimeException failure;

  @Override
  public CompletionStage<List<Verdict>> take(List<Draw> draws) {
    draws.forEach(draw -> spent.merge(draw.key(), draw.tokens(), Long::sum));
    return peek(draws);
  }

  @Override
  public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
    List<Verdict> verdicts = new ArrayList<>();
    for (Draw draw : draws) {
      long left = draw.bandwidth().capacity() - spent.getOrDefault(draw.key(), 0L);
      long next = left == draw.bandwidth().capacity() ? 0 : 2_999_999_999L;
      verdicts.add(new Verdict(left >= draw.tokens(), left, next, 0, Source.REDIS));
    }
    return answer(verdicts);
  }

  @Override
  public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Boolean> reset(BucketKey key) {
    return answer(spent.remove(key) != null);
  }

  private <T> CompletionStage<T> answer(T value) {
    RuntimeException broken = failure;
    if (broken != null) {
      return CompletableFuture.failedFuture(broken);
    }
    return hung ? new CompletableFuture<>() : CompletableFuture.completedFuture(value);
  }
}
