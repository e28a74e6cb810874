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
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Buckets in a Redis Cluster. Those of one slot are taken from at once, as in a standalone Redis;
 * that is all the buckets of one caller, for {@link BucketKey#inRedis} keeps them together.
 *
 * <p>A request whose buckets lie in several slots (a user's and everybody's, say) takes them slot
 * by slot, the tightest bandwidth first, and what it has taken is given back when a later one
 * refuses or fails. So it is <b>atomic within a slot and compensated across slots</b>:
 *
 * <ul>
 *   <li>No bucket ever grants more than it may: a request is let through only when all its charges
 *       stand.
 *   <li>A refused request costs nothing in the end. But until its charges are given back, some
 *       milliseconds later, they may refuse somebody who would have been granted.
 *   <li>A gateway that dies in between, or a node that does, keeps such a charge: against the
 *       callers, by one request, until it is refilled. Gateways that live count it.
 * </ul>
 *
 * While the keys of a slot are being moved to another node, its buckets are taken from one by one
 * in the same way. A refusal that is certain from what is known charges nothing anywhere.
 * Thread-safe.
 */
public final class ClusterStore implements BucketStore {

  private final ToIntFunction<BucketKey> slots;
  private final Function<Integer, ? extends Place> places;
  private final Function<List<Draw>, @Nullable List<Verdict>> certainRefusal;
  private final BucketStore shared;
  private final BucketStore local;
  private final OutageTally tally;

  /**
   * Creates a store.
   *
   * @param slots tells the slot of a bucket
   * @param places tells who decides on the buckets of a slot
   * @param certainRefusal refuses draws of one slot where Redis need not be asked, else null
   * @param shared the store behind all places
   * @param local the store of this process, which places fall back to
   * @param tally counts what could not be given back
   */
  ClusterStore(
      ToIntFunction<BucketKey> slots,
      Function<Integer, ? extends Place> places,
      Function<List<Draw>, @Nullable List<Verdict>> certainRefusal,
      BucketStore shared,
      BucketStore local,
      OutageTally tally) {
    this.slots = slots;
    this.places = places;
    this.certainRefusal = certainRefusal;
    this.shared = shared;
    this.local = local;
    this.tally = tally;
  }

  @Override
  public CompletionStage<List<Verdict>> take(List<Draw> draws) {
    int slot = slots.applyAsInt(draws.get(0).key());
    if (!isOfOneSlot(draws, slot)) {
      return split(draws);
    }
    CompletionStage<List<Verdict>> taken = places.apply(slot).take(draws);
    return draws.size() == 1 ? taken : unlessBetweenNodes(taken, () -> split(draws));
  }

  @Override
  public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
    int slot = slots.applyAsInt(draws.get(0).key());
    List<DrawGroup> groups = DrawGroup.of(draws, slots);
    if (groups.size() > 1) {
      return peekEach(groups, draws.size());
    }
    CompletionStage<List<Verdict>> seen = places.apply(slot).peek(draws);
    return draws.size() == 1
        ? seen
        : unlessBetweenNodes(seen, () -> peekEach(groups.get(0).apart(), draws.size()));
  }

  @Override
  public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
    return place(key).settle(key, bandwidth, tokens);
  }

  @Override
  public CompletionStage<Boolean> reset(BucketKey key) {
    return place(key).reset(key);
  }

  @Override
  public void adopt(PolicyBook book) {
    local.adopt(book);
    shared.adopt(book);
  }

  private CompletionStage<List<Verdict>> split(List<Draw> draws) {
    return new SplitTake(DrawGroup.of(draws, slots), places, this::peek, local, tally)
        .start(certainRefusal);
  }

  private CompletionStage<List<Verdict>> peekEach(List<DrawGroup> groups, int draws) {
    Verdict[] verdicts = new Verdict[draws];
    List<CompletableFuture<?>> answers = new ArrayList<>(groups.size());
    for (DrawGroup group : groups) {
      answers.add(
          peek(group.draws())
              .thenAccept(some -> group.spread(some, verdicts))
              .toCompletableFuture());
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> List.of(verdicts));
  }

  /** Does something else when buckets cannot be named together because their slot is moved. */
  private static <T> CompletionStage<T> unlessBetweenNodes(
      CompletionStage<T> stage, Supplier<CompletionStage<T>> instead) {
    return stage.exceptionallyCompose(failure ->
        Question.unwrapped(failure) instanceof BetweenNodesException
            ? instead.get()
            : CompletableFuture.failedFuture(failure));
  }

  private Place place(BucketKey key) {
    return places.apply(slots.applyAsInt(key));
  }

  private boolean isOfOneSlot(List<Draw> draws, int slot) {
    for (int i = 1; i < draws.size(); i++) {
      if (slots.applyAsInt(draws.get(i).key()) != slot) {
        return false;
      }
    }
    return true;
  }
}
