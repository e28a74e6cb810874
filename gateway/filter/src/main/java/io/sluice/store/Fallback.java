package io.sluice.store;

import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.policy.Policy.OnOutage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Answers in place of the shared store, as each draw's policy wishes: counted in this process, let
 * through uncounted, or refused. Where one draw is refused for the outage's sake, nothing is taken
 * for the others. Thread-safe.
 */
final class Fallback {

  private final BucketStore local;
  private final OutageTally tally;

  Fallback(BucketStore local, OutageTally tally) {
    this.local = local;
    this.tally = tally;
  }

  CompletionStage<List<Verdict>> take(List<Draw> draws) {
    boolean denied = draws.stream().anyMatch(draw -> draw.onOutage() == OnOutage.DENY);
    return answer(draws, denied ? local::peek : local::take)
        .thenApply(verdicts -> {
          tally.decided(draws, verdicts);
          return verdicts;
        });
  }

  CompletionStage<List<Verdict>> peek(List<Draw> draws) {
    return answer(draws, local::peek);
  }

  private static CompletionStage<List<Verdict>> answer(
      List<Draw> draws, Function<List<Draw>, CompletionStage<List<Verdict>>> counting) {
    List<Draw> counted = new ArrayList<>(draws.size());
    for (Draw draw : draws) {
      if (draw.onOutage() == OnOutage.LOCAL) {
        counted.add(draw);
      }
    }
    if (counted.isEmpty()) {
      return CompletableFuture.completedFuture(merged(draws, List.of()));
    }
    CompletionStage<List<Verdict>> verdicts = counting.apply(counted);
    return counted.size() == draws.size()
        ? verdicts
        : verdicts.thenApply(some -> merged(draws, some));
  }

  private static List<Verdict> merged(List<Draw> draws, List<Verdict> counted) {
    Iterator<Verdict> next = counted.iterator();
    List<Verdict> all = new ArrayList<>(draws.size());
    for (Draw draw : draws) {
      all.add(
          switch (draw.onOutage()) {
            case LOCAL -> next.next();
            case ALLOW -> Verdict.ALLOWED_UNCOUNTED;
            case DENY -> Verdict.DENIED_UNCOUNTED;
          });
    }
    return all;
  }
}
