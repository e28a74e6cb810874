package io.sluice.store;

import static io.sluice.store.BucketStoreContract.CHAT;
import static io.sluice.store.BucketStoreContract.key;
import static io.sluice.store.BucketStoreContract.one;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisCommandExecutionException;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.limit.Verdict;
import io.sluice.redis.RedisClock;
import io.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A line whose replies are none to what was asked. */
class NonsenseReplyTest {

  private final FakeTime time = new FakeTime();
  private final FakeLink link = new FakeLink();
  private final AtomicInteger waiting = new AtomicInteger();
  private final GroupCommit commit =
      new GroupCommit(
          link,
          "sluice:",
          new KnownStates(100),
          waiting,
          100,
          Duration.ofSeconds(1).toNanos(),
          true,
          new RedisClock(link, time, time),
          time);

  @BeforeEach
  void connect() {
    link.connect();
  }

  @Test
  void isDistrustedAndFailsWhoAskedForIt() {
    CompletableFuture<List<Verdict>> one = take();
    answerNonsense();
    assertThat(one).isCompletedExceptionally();
    assertThat(link.distrusted()).isEqualTo(1);
    assertThat(waiting).hasValue(0);
  }

  @Test
  void failsNobodyWhoWaitsForAnotherTurn() {
    CompletableFuture<List<Verdict>> first = take();
    CompletableFuture<List<Verdict>> second = take();
    CompletableFuture<List<Verdict>> third = take();
    answerNonsense();
    assertThat(first).isCompletedExceptionally();
    tellToTryAgain();
    assertThat(link.probes()).as("one by one from now on").isEqualTo(3);

    answerNonsense();

    assertThat(second)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(third).isNotDone();
    assertThat(waiting).hasValue(1);
    link.answer(List.of());
    assertThat(third).isCompletedWithValueMatching(verdicts -> verdicts.get(0).granted());
    assertThat(waiting).hasValue(0);
  }

  private CompletableFuture<List<Verdict>> take() {
    return commit
        .take(List.of(one(key("chat"))), new Terms[] {new Terms(CHAT, 1)})
        .toCompletableFuture();
  }

  private void answerNonsense() {
    link.answer("OK");
  }

  private void tellToTryAgain() {
    link.failProbe(
        new RedisUnavailableException(
            "between nodes", new RedisCommandExecutionException("TRYAGAIN Multiple keys request")));
  }
}
