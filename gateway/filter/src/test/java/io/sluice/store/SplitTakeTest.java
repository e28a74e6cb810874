package io.sluice.store;

import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Requests whose buckets lie in several slots, each slot a store of its own here. */
class SplitTakeTest {

  private static final Bandwidth TIGHT = Bandwidth.of(2, Duration.ofHours(1));
  private static final Bandwidth WIDE = Bandwidth.of(100, Duration.ofHours(1));
  private static final BucketKey USER = new BucketKey("chat", "main", "1");
  private static final BucketKey ALL = new BucketKey("chat", "all", "2");
  private static final List<Draw> BOTH = List.of(draw(ALL, WIDE, 1), draw(USER, TIGHT, 1));

  private final FakeTime time = new FakeTime();
  private final OutageTally tally = new OutageTally();
  private final List<String> asked = new ArrayList<>();
  private final MemoryBucketStore local = memory();
  private final FakePlace user = new FakePlace("user", memory(), Source.REDIS);
  private final FakePlace all = new FakePlace("all", memory(), Source.REDIS);
  private final Map<Integer, FakePlace> places = Map.of(1, user, 2, all);
  private @Nullable List<Verdict> certain;

  private final ClusterStore store =
      new ClusterStore(
          key -> Integer.parseInt(key.caller()),
          slot -> places.get(slot),
          draws -> draws.get(0).key().equals(USER) ? certain : null,
          local,
          local,
          tally);

  private MemoryBucketStore memory() {
    return new MemoryBucketStore(new StoreSettings(1_000, 1), time);
  }

  private long remaining(FakePlace place, BucketKey key, Bandwidth bandwidth) throws Exception {
    return get(place.behind.peek(List.of(draw(key, bandwidth, 1)))).get(0).remaining();
  }

  @Test
  void takesTheTightestFirstAndAnswersInTheOrderOfTheDraws() throws Exception {
    List<Verdict> verdicts = get(store.take(BOTH));
    assertThat(asked).containsExactly("take user", "take all");
    assertThat(verdicts).extracting(Verdict::granted).containsExactly(true, true);
    assertThat(verdicts).extracting(Verdict::remaining).containsExactly(99L, 1L);
  }

  @Test
  void whatWasTakenIsGivenBackWhenALaterSlotRefuses() throws Exception {
    get(all.behind.take(List.of(draw(ALL, WIDE, 100))));
    List<Verdict> verdicts = get(store.take(BOTH));
    assertThat(asked).containsExactly("take user", "take all", "give back user");
    assertThat(verdicts).extracting(Verdict::granted).containsExactly(false, true);
    assertThat(verdicts.get(1).remaining()).isEqualTo(2);
    assertThat(verdicts.get(1).nanosToNext()).isZero();
    assertThat(verdicts.get(0).nanosToGrant()).isPositive();
    assertThat(remaining(user, USER, TIGHT)).isEqualTo(2);
  }

  @Test
  void aRefusalOfTheFirstSlotOnlyLooksAtTheOthers() throws Exception {
    get(user.behind.take(List.of(draw(USER, TIGHT, 2))));
    List<Verdict> verdicts = get(store.take(BOTH));
    assertThat(asked).containsExactly("take user", "peek all");
    assertThat(verdicts).extracting(Verdict::granted).containsExactly(true, false);
    assertThat(verdicts.get(0).remaining()).isEqualTo(100);
  }

  @Test
  void aCertainRefusalTakesNothingAnywhere() throws Exception {
    certain = List.of(new Verdict(false, 0, 1, 1, Source.REDIS));
    assertThat(get(store.take(BOTH))).extracting(Verdict::granted).containsExactly(true, false);
    assertThat(asked).containsExactly("peek all");
  }

  @Test
  void whatWasTakenIsGivenBackWhenALaterSlotFails() throws Exception {
    all.failure = new StoreOverloadedException("full");
    assertThatThrownBy(() -> get(store.take(BOTH)))
        .isInstanceOf(ExecutionException.class)
        .hasCause(all.failure);
    assertThat(asked).containsExactly("take user", "take all", "give back user");
    assertThat(remaining(user, USER, TIGHT)).isEqualTo(2);
  }

  @Test
  void whatCannotBeGivenBackIsCounted() throws Exception {
    get(all.behind.take(List.of(draw(ALL, WIDE, 100))));
    user.keeps = true;
    assertThat(get(store.take(List.of(draw(ALL, WIDE, 1), draw(USER, TIGHT, 2)))).get(0).granted())
        .isFalse();
    assertThat(asked).containsExactly("take user", "take all", "give back user");
    assertThat(tally.total().unreturned()).isEqualTo(2);
  }

  @Test
  void whatThisProcessGrantedIsGivenBackHere() throws Exception {
    user.source = Source.LOCAL;
    get(local.take(List.of(draw(USER, TIGHT, 1))));
    get(all.behind.take(List.of(draw(ALL, WIDE, 100))));
    get(store.take(BOTH));
    assertThat(asked).containsExactly("take user", "take all");
    assertThat(get(local.peek(List.of(draw(USER, TIGHT, 1)))).get(0).remaining()).isEqualTo(2);
  }

  @Test
  void whatNobodyCountedIsNotGivenBack() throws Exception {
    user.source = Source.NONE;
    get(all.behind.take(List.of(draw(ALL, WIDE, 100))));
    assertThat(get(store.take(BOTH)).get(1)).isEqualTo(Verdict.ALLOWED_UNCOUNTED);
    assertThat(asked).containsExactly("take user", "take all");
  }

  @Test
  void aSlotThatIsBeingMovedIsTakenFromBucketByBucket() throws Exception {
    BucketKey day = new BucketKey("chat", "day", "1");
    user.failure = new BetweenNodesException();
    List<Draw> draws = List.of(draw(USER, TIGHT, 1), draw(day, WIDE, 1));
    List<Verdict> verdicts = get(store.take(draws));
    assertThat(verdicts).extracting(Verdict::remaining).containsExactly(1L, 99L);
    assertThat(get(store.peek(draws))).extracting(Verdict::remaining).containsExactly(1L, 99L);
    get(store.take(List.of(draw(day, WIDE, 99))));
    assertThat(get(store.take(draws))).extracting(Verdict::granted).containsExactly(true, false);
    assertThat(get(store.peek(draws))).extracting(Verdict::remaining).containsExactly(1L, 0L);
  }

  /** One slot's buckets; fails takes of several while it has a failure, or all other ones too. */
  private final class FakePlace implements Place {

    private final String name;
    private final MemoryBucketStore behind;
    private Source source;
    private boolean keeps;
    private @Nullable RuntimeException failure;

    private FakePlace(String name, MemoryBucketStore behind, Source source) {
      this.name = name;
      this.behind = behind;
      this.source = source;
    }

    @Override
    public CompletionStage<List<Verdict>> take(List<Draw> draws) {
      asked.add("take " + name);
      return fails(draws) ? failed() : behind.take(draws).thenApply(this::told);
    }

    @Override
    public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
      asked.add("peek " + name);
      return fails(draws) ? failed() : behind.peek(draws).thenApply(this::told);
    }

    @Override
    public CompletionStage<Void> giveBackShared(BucketKey key, Bandwidth bandwidth, long tokens) {
      asked.add("give back " + name);
      if (keeps) {
        return CompletableFuture.failedFuture(new StoreUnavailableException("away", null));
      }
      return behind.settle(key, bandwidth, -tokens);
    }

    @Override
    public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
      return behind.settle(key, bandwidth, tokens);
    }

    @Override
    public CompletionStage<Boolean> reset(BucketKey key) {
      return behind.reset(key);
    }

    private boolean fails(List<Draw> draws) {
      return failure != null && (draws.size() > 1 || !(failure instanceof BetweenNodesException));
    }

    private CompletionStage<List<Verdict>> failed() {
      assertThat(failure).isNotNull();
      return CompletableFuture.failedFuture(failure);
    }

    private List<Verdict> told(List<Verdict> verdicts) {
      return verdicts.stream()
          .map(v ->
              source == Source.NONE
                  ? Verdict.ALLOWED_UNCOUNTED
                  : new Verdict(
                      v.granted(), v.remaining(), v.nanosToNext(), v.nanosToGrant(), source))
          .toList();
    }
  }
}
