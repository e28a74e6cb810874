package io.sluice.store;

import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request that takes from buckets in several slots, one slot after the other; {@link
 * ClusterStore} says what that means. For one thread at a time.
 */
final class SplitTake {

  private final Function<Integer, ? extends Place> places;
  private final Function<List<Draw>, CompletionStage<List<Verdict>>> peek;
  private final BucketStore local;
  private final OutageTally tally;
  private final List<DrawGroup> groups;
  private final Verdict[] verdicts;
  private final CompletableFuture<List<Verdict>> answer = new CompletableFuture<>();

  /**
   * Creates a take that has taken nothing yet.
   *
   * @param groups what is wanted, in the order in which to take it
   * @param places tells who decides on the buckets of a slot
   * @param peek looks at any buckets
   * @param local the store of this process, which places fall back to
   * @param tally counts what could not be given back
   */
  SplitTake(
      List<DrawGroup> groups,
      Function<Integer, ? extends Place> places,
      Function<List<Draw>, CompletionStage<List<Verdict>>> peek,
      BucketStore local,
      OutageTally tally) {
    this.groups = new ArrayList<>(groups);
    this.places = places;
    this.peek = peek;
    this.local = local;
    this.tally = tally;
    this.verdicts = new Verdict[groups.stream().mapToInt(group -> group.draws().size()).sum()];
  }

  /**
   * Takes, or refuses.
   *
   * @param certainRefusal refuses draws of one slot where Redis need not be asked, else null
   */
  CompletionStage<List<Verdict>> start(
      Function<List<Draw>, @Nullable List<Verdict>> certainRefusal) {
    for (int i = 0; i < groups.size(); i++) {
      List<Verdict> refusal = certainRefusal.apply(groups.get(i).draws());
      if (refusal != null) {
        refuse(i, refusal, 0);
        return answer;
      }
    }
    take(0);
    return answer;
  }

  private void take(int number) {
    if (number == groups.size()) {
      answer.complete(List.of(verdicts));
      return;
    }
    DrawGroup group = groups.get(number);
    places
        .apply(group.slot())
        .take(group.draws())
        .whenComplete((some, failure) -> {
          if (failure != null) {
            failed(number, Question.unwrapped(failure));
          } else if (some.stream().allMatch(Verdict::granted)) {
            group.spread(some, verdicts);
            take(number + 1);
          } else {
            refuse(number, some, number);
          }
        });
  }

  private void failed(int number, Throwable failure) {
    DrawGroup group = groups.get(number);
    if (failure instanceof BetweenNodesException && group.draws().size() > 1) {
      groups.remove(number);
      groups.addAll(number, group.apart());
      take(number);
    } else {
      var unused =
          giveBack(number).whenComplete((done, lost) -> answer.completeExceptionally(failure));
    }
  }

  /**
   * Answers with what is true when nothing is taken.
   *
   * @param refuser which group refused
   * @param refusal its verdicts
   * @param taken how many groups were taken from
   */
  private void refuse(int refuser, List<Verdict> refusal, int taken) {
    groups.get(refuser).spread(refusal, verdicts);
    List<CompletableFuture<?>> left = new ArrayList<>();
    left.add(giveBack(taken));
    for (int i = taken; i < groups.size(); i++) {
      if (i != refuser) {
        DrawGroup group = groups.get(i);
        left.add(
            peek.apply(group.draws())
                .thenAccept(some -> group.spread(some, verdicts))
                .toCompletableFuture());
      }
    }
    var unused =
        CompletableFuture.allOf(left.toArray(CompletableFuture<?>[]::new))
            .whenComplete((done, failure) -> {
              if (failure == null) {
                answer.complete(List.of(verdicts));
              } else {
                answer.completeExceptionally(Question.unwrapped(failure));
              }
            });
  }

  /** Gives back what the first groups have granted; never fails, but counts what does. */
  private CompletableFuture<Void> giveBack(int taken) {
    List<CompletableFuture<?>> left = new ArrayList<>();
    for (DrawGroup group : groups.subList(0, taken)) {
      for (int i = 0; i < group.draws().size(); i++) {
        long tokens = group.draws().get(i).tokens();
        left.add(
            giveBack(group, i)
                .exceptionally(failure -> {
                  tally.unreturned(tokens);
                  return null;
                })
                .toCompletableFuture());
      }
    }
    return CompletableFuture.allOf(left.toArray(CompletableFuture<?>[]::new));
  }

  private CompletionStage<Void> giveBack(DrawGroup group, int number) {
    Draw draw = group.draws().get(number);
    int place = group.places().get(number);
    Verdict granted = verdicts[place];
    verdicts[place] = withdrawn(granted, draw);
    return switch (granted.source()) {
      case REDIS ->
          places.apply(group.slot()).giveBackShared(draw.key(), draw.bandwidth(), draw.tokens());
      case LOCAL -> local.settle(draw.key(), draw.bandwidth(), -draw.tokens());
      case NONE -> CompletableFuture.completedFuture(null);
    };
  }

  private static Verdict withdrawn(Verdict granted, Draw draw) {
    if (granted.source() == Source.NONE) {
      return granted;
    }
    long capacity = draw.bandwidth().capacity();
    long remaining = Math.min(capacity, granted.remaining() + draw.tokens());
    long next = remaining == capacity ? 0 : granted.nanosToNext();
    return new Verdict(true, remaining, next, 0, granted.source());
  }
}
