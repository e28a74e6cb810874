package io.sluice.store;

import static io.sluice.store.BucketStoreContract.CHAT;
import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static io.sluice.store.BucketStoreContract.one;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.fixtures.Eventually;
import io.sluice.limit.BucketKey;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.limit.Verdict;
import io.sluice.redis.RedisClock;
import io.sluice.redis.RedisLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of requests when Redis, or the line to it, does not do its part. */
class RedisOutageTest {

  private final FakeTime time = new FakeTime();
  private final FakeTime elapsed = new FakeTime();
  private RedisHouse house;
  private Gate gate;
  private RedisBucketStore store;

  @BeforeEach
  void open() {
    house = new RedisHouse();
    gate = new Gate(house.link());
    RedisLink timed = new TimedLink(gate, time);
    store =
        new RedisBucketStore(
            timed,
            RedisHouse.PREFIX,
            new StoreSettings(1_000, 300),
            Duration.ofMillis(25),
            new RedisClock(timed, time, time),
            elapsed);
  }

  @AfterEach
  void close() {
    house.close();
  }

  @Test
  void everyRequestEndsWhenRedisIsKilledUnderLoad() throws Exception {
    RedisBucketStore hasty = house.store(time);
    List<CompletionStage<List<Verdict>>> stages = new ArrayList<>();
    BucketKey key = key("chat");
    get(hasty.take(List.of(one(key))));
    for (int i = 0; i < 3_000; i++) {
      stages.add(hasty.take(List.of(one(key("chat")), one(key))));
      if (i == 1_500) {
        house.redis().kill();
      }
    }
    int failed = 0;
    for (CompletionStage<List<Verdict>> stage : stages) {
      try {
        get(stage);
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(StoreUnavailableException.class);
        failed++;
      }
    }
    assertThat(failed).isPositive();
    house.redis().restart();
    Eventually.becomes("Redis decides again", () -> answers(hasty));
  }

  private static boolean answers(RedisBucketStore store) throws Exception {
    try {
      get(store.take(List.of(one(key("chat")))));
      return true;
    } catch (ExecutionException e) {
      return false;
    }
  }

  @Test
  void aLinkThatIsDownFailsRequestsAtOnce() {
    gate.up(false);
    assertUnavailable(store.take(List.of(one(key("chat")))));
  }

  @Test
  void whileACallIsUnansweredForTooLongFurtherRequestsFailAtOnce() throws Exception {
    get(store.take(List.of(one(key("chat")))));
    gate.hold();
    CompletionStage<List<Verdict>> first = store.take(List.of(one(key("chat"))));
    elapsed.pass(Duration.ofMillis(20));
    CompletionStage<List<Verdict>> second = store.take(List.of(one(key("chat"))));
    elapsed.pass(Duration.ofMillis(10));
    assertUnavailable(store.take(List.of(one(key("chat")))));
    assertThat(first.toCompletableFuture()).isNotDone();
    gate.release();
    assertThat(get(first).get(0).granted()).isTrue();
    assertThat(get(second).get(0).granted()).isTrue();
    assertThat(get(store.take(List.of(one(key("chat"))))).get(0).granted()).isTrue();
  }

  @Test
  void aCallThatFailsFailsItsRequestsAndTheNextOneGoesOn() throws Exception {
    BucketKey key = key("chat");
    get(store.take(List.of(one(key))));
    gate.hold();
    CompletionStage<List<Verdict>> lost = store.take(List.of(one(key)));
    CompletionStage<List<Verdict>> next = store.take(List.of(one(key)));
    gate.fail();
    assertUnavailable(lost);
    assertThat(get(next).get(0).remaining()).isEqualTo(18);
  }

  @Test
  void whatWasChargedWithoutAnAnswerStaysCharged() throws Exception {
    BucketKey key = key("chat");
    get(store.take(List.of(one(key))));
    gate.loseReplies();
    assertUnavailable(store.take(List.of(one(key))));
    gate.release();
    assertThat(get(store.take(List.of(one(key)))).get(0).remaining()).isEqualTo(17);
  }

  @Test
  void aRequestWhoseCallerHasGivenUpIsNotCharged() throws Exception {
    BucketKey key = key("chat");
    get(store.take(List.of(one(key))));
    gate.hold();
    CompletionStage<List<Verdict>> flying = store.take(List.of(one(key)));
    CompletionStage<List<Verdict>> given = store.take(List.of(draw(key, CHAT, 10)));
    given.toCompletableFuture().cancel(false);
    gate.release();
    get(flying);
    assertThat(get(store.take(List.of(one(key)))).get(0).remaining()).isEqualTo(17);
  }

  @Test
  void whatItsCallerHasGivenUpBeforeTheLimitHadANumberIsNotCharged() throws Exception {
    BucketKey key = key("chat");
    gate.hold();
    CompletionStage<List<Verdict>> given = store.take(List.of(draw(key, CHAT, 10)));
    CompletionStage<Void> settled = store.settle(key, CHAT, 5);
    given.toCompletableFuture().cancel(false);
    settled.toCompletableFuture().cancel(false);
    gate.release();
    for (int i = 0; i < 3; i++) { // Nothing of theirs is under way any more.
      get(store.take(List.of(one(key("chat")))));
      get(store.settle(key("chat"), CHAT, 1));
    }
    assertThat(get(store.peek(List.of(one(key)))).get(0).remaining()).isEqualTo(20);
  }

  @Test
  void aSettlementWhoseCallerHasGivenUpIsNotTriedAgain() throws Exception {
    BucketKey key = key("chat");
    get(store.take(List.of(one(key))));
    gate.hold();
    CompletionStage<Void> given = store.settle(key, CHAT, 5);
    get(RedisHouse.store(house.link(), time, elapsed, true).reset(key)); // So it has to.
    given.toCompletableFuture().cancel(false);
    gate.release();
    get(store.settle(key("chat"), CHAT, 1));
    get(store.settle(key("chat"), CHAT, 1));
    assertThat(get(store.peek(List.of(one(key)))).get(0).remaining()).isEqualTo(20);
  }

  @Test
  void moreRequestsThanMayWaitAreTurnedAway() throws Exception {
    get(store.take(List.of(one(key("chat")))));
    gate.hold();
    List<CompletionStage<List<Verdict>>> waiting = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      waiting.add(store.take(List.of(one(key("chat")))));
    }
    assertThatThrownBy(() -> get(store.take(List.of(one(key("chat"))))))
        .hasCauseInstanceOf(StoreOverloadedException.class);
    gate.release();
    for (CompletionStage<List<Verdict>> each : waiting) {
      assertThat(get(each).get(0).granted()).isTrue();
    }
    get(store.take(List.of(one(key("chat")))));
  }

  @Test
  void anAnswerThatIsNoneFailsTheRequestAndNothingHangs() throws Exception {
    BucketKey key = key("chat");
    get(store.take(List.of(one(key))));
    gate.answer(List.of("nonsense"));
    assertUnavailable(store.take(List.of(one(key))));
    gate.release();
    get(store.take(List.of(one(key))));
  }

  @Test
  void settlingPeekingAndResettingFailPlainly() {
    gate.up(false);
    gate.refuse();
    BucketKey key = key("chat");
    assertUnavailable(store.settle(key, CHAT, 1));
    assertUnavailable(store.settle(key, CHAT, -1));
    assertUnavailable(store.peek(List.of(one(key))));
    assertUnavailable(store.reset(key));
  }

  private static void assertUnavailable(CompletionStage<?> stage) {
    Throwable[] seen = new Throwable[1];
    stage.whenComplete((value, failure) -> seen[0] = failure);
    try {
      stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      // Looked at below, as whoever is attached to the stage sees it.
    }
    assertThat(seen[0]).isExactlyInstanceOf(StoreUnavailableException.class);
  }
}
