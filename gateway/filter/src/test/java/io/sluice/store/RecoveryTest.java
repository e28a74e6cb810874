package io.sluice.store;

import static io.sluice.store.BucketStoreContract.CHAT;
import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static io.sluice.store.BucketStoreContract.one;
import static io.sluice.store.BucketStoreContract.together;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.LogLines;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When and how often debits are sent, to a ledger that only writes them down. */
class RecoveryTest {

  private final LogLines log = new LogLines(OutageStore.class);
  private final FakeTime time = new FakeTime();
  private final FakeLedger ledger = new FakeLedger();
  private final MemoryBucketStore local = new MemoryBucketStore(new StoreSettings(10_000, 1), time);
  private final Recovery recovery = new Recovery(local, ledger, key -> true, new OutageTally());

  @AfterEach
  void stopCollecting() {
    log.close();
  }

  @Test
  void nothingIsAskedWhenNothingWasSpent() {
    recovery.begin();
    assertThat(goOn()).isEqualTo(Long.MAX_VALUE);
    assertThat(recovery.isOwing()).isFalse();
    assertThat(ledger.calls).hasValue(0);
    assertThat(log.get()).isEmpty();
  }

  @Test
  void whatHasFlowedBackIsNotOwed() throws Exception {
    BucketKey some = spend(5);
    BucketKey paid = spend(2);
    time.pass(Duration.ofSeconds(7));
    settle();
    assertThat(ledger.debited).containsOnlyKeys(some).containsEntry(some, 3L);
    assertThat(local.debts().mayOwe(paid)).isFalse();
    assertThat(local.size()).isZero();
    assertThat(log.get()).hasSize(1).first().asString().contains("settled: 3 tokens debited");
  }

  @Test
  void noMoreThanOneCapacityIsDebited() throws Exception {
    BucketKey key = spend(20);
    get(local.settle(key, CHAT, 50));
    settle();
    assertThat(ledger.debited).containsEntry(key, 20L);
  }

  @Test
  void whatWasGivenBackInTheOutageIsGivenBackThere() throws Exception {
    BucketKey key = key("chat");
    MemoryBucketStore warm =
        new MemoryBucketStore(new StoreSettings(1_000, 1), time, () -> 1, seen(8));
    get(warm.settle(key, CHAT, -3));
    Recovery other = new Recovery(warm, ledger, k -> true, new OutageTally());
    other.begin();
    other.goOn(time.getAsLong(), () -> {});
    assertThat(ledger.debited).containsEntry(key, -3L);
  }

  @Test
  void atMostThirtyTwoDebitsAreUnderWayAtOnceInTheBackground() throws Exception {
    for (int i = 0; i < 3_000; i++) {
      spend(1);
    }
    ledger.beSilent();
    recovery.begin();
    int rounds = 0;
    while (recovery.isOwing()) {
      goOn();
      assertThat(ledger.waiting()).isLessThanOrEqualTo(32);
      ledger.answer();
      assertThat(rounds++).isLessThan(1_000);
    }
    assertThat(ledger.debited).hasSize(3_000);
    assertThat(recovery.tally().total().debited()).isEqualTo(3_000);
  }

  @Test
  void aRequestWaitsForTheDebitOfItsBucketAndNoOther() throws Exception {
    BucketKey key = spend(4);
    ledger.beSilent();
    recovery.begin();

    CompletionStage<Void> wait = recovery.before(List.of(one(key("chat")), one(key)));
    assertThat(recovery.before(List.of(one(key("chat"))))).isNull();
    goOn();

    assertThat(wait.toCompletableFuture()).isNotDone();
    assertThat(ledger.calls).hasValue(1);
    ledger.answer();
    assertThat(wait.toCompletableFuture()).isCompleted();
    assertThat(recovery.before(List.of(one(key)))).isNull();
    settle();
    assertThat(ledger.debited).containsEntry(key, 4L);
  }

  @Test
  void aRequestWaitsForADebitThatTheBackgroundHasNotHeardOf() throws Exception {
    settle();
    BucketKey key = spend(4); // By who still had the master before in mind, in a cluster.
    assertThat(recovery.isOwing()).isFalse();
    assertThat(recovery.before(List.of(one(key)))).isNotNull();
    assertThat(ledger.debited).containsEntry(key, 4L);
    assertThat(recovery.before(List.of(one(key)))).isNull();
  }

  @Test
  void aRequestWaitsForADebitThatAnotherServersRecoveryHasBegun() throws Exception {
    BucketKey key = spend(4);
    ledger.beSilent();
    assertThat(recovery.before(List.of(one(key)))).isNotNull();
    Recovery other = new Recovery(local, ledger, any -> true, new OutageTally());
    CompletionStage<Void> wait = other.before(List.of(one(key)));
    assertThat(ledger.calls).hasValue(1);
    assertThat(wait.toCompletableFuture()).isNotDone();
    ledger.answer();
    assertThat(wait.toCompletableFuture()).isCompleted();
  }

  @Test
  void aRequestWhoseDebitIsNotMadeIsNotDecidedThere() throws Exception {
    BucketKey key = spend(4);
    ledger.answerWith(Debit.NOT_DONE);
    assertThat(recovery.before(List.of(one(key))).toCompletableFuture()).isCompletedExceptionally();
    ledger.answerWith(Debit.done(0, 0));
    assertThat(recovery.before(List.of(one(key))).toCompletableFuture()).isCompleted();
    assertThat(ledger.debited).containsEntry(key, 4L);
  }

  @Test
  void whoeverEndsCanWaitForTheDebits() throws Exception {
    assertThat(recovery.awaitSettled(Duration.ofSeconds(20))).isTrue();
    BucketKey key = spend(4);
    ledger.beSilent();
    recovery.begin();
    goOn();
    assertThat(recovery.awaitSettled(Duration.ofMillis(1))).isFalse();
    together(
        2,
        thread -> {
          if (thread == 0) {
            assertThat(recovery.awaitSettled(Duration.ofSeconds(20))).isTrue();
            assertThat(ledger.debited).containsEntry(key, 4L);
          } else {
            ledger.answer();
            goOn();
          }
        });
  }

  @Test
  void whatIsKnownNotToBeDebitedIsTriedAgainAfterAPause() throws Exception {
    BucketKey key = spend(4);
    ledger.answerWith(Debit.NOT_DONE);
    recovery.begin();
    goOn();
    goOn();
    assertThat(ledger.calls).hasValue(1);
    time.pass(Duration.ofSeconds(3));
    goOn();
    goOn();
    assertThat(ledger.calls).hasValue(2);

    ledger.answerWith(Debit.done(7, 2));
    time.pass(Duration.ofSeconds(3));
    settle();

    assertThat(ledger.debited).containsOnlyKeys(key).containsEntry(key, 2L);
    assertThat(recovery.tally().total()).isEqualTo(new OutageTokens(0, 0, 2, 2, 7, 0, 0));
  }

  @Test
  void anUnansweredDebitIsNotRepeatedAndTheBucketHereRemembersIt() throws Exception {
    BucketKey key = spend(15);
    ledger.answerWith(Debit.UNKNOWN);
    recovery.begin();
    goOn();
    goOn();
    assertThat(remaining(key)).isEqualTo(5);
    get(local.take(List.of(draw(key, CHAT, 3))));

    ledger.answerWith(Debit.done(0, 0));
    time.pass(Duration.ofMillis(200));
    settle();

    assertThat(ledger.debited).containsEntry(key, 18L);
    assertThat(recovery.tally().total().doubtful()).isEqualTo(15);
    assertThat(recovery.tally().total().debited()).isEqualTo(3);
    assertThat(remaining(key)).isEqualTo(20);
  }

  @Test
  void anOutageInTheMiddleOfSettlingGoesOnWithWhatIsStillOwed() throws Exception {
    BucketKey key = spend(12);
    ledger.answerWith(Debit.NOT_DONE);
    recovery.begin();
    goOn();
    goOn();

    assertThat(remaining(key)).isEqualTo(8);
    get(local.take(List.of(draw(key, CHAT, 8))));
    assertThat(get(local.take(List.of(one(key)))).get(0).granted()).isFalse();
    ledger.answerWith(Debit.done(0, 0));
    time.pass(Duration.ofSeconds(3));
    settle();

    assertThat(ledger.debited).containsEntry(key, 19L);
  }

  @Test
  void spendingWhileADebitIsUnderWayIsDebitedAfterIt() throws Exception {
    BucketKey key = spend(2);
    ledger.beSilent();
    recovery.begin();
    goOn();
    get(local.take(List.of(draw(key, CHAT, 3))));
    ledger.answer();
    goOn();
    ledger.answer();
    goOn();
    assertThat(ledger.debited).containsEntry(key, 5L);
    assertThat(recovery.isOwing()).isFalse();
  }

  @Test
  void theBackgroundGoesOnWhenARequestsDebitHasEnded() throws Exception {
    AtomicInteger wakes = new AtomicInteger();
    BucketKey key = spend(4);
    ledger.beSilent();
    recovery.begin();
    assertThat(recovery.before(List.of(one(key)))).isNotNull();
    get(local.take(List.of(draw(key, CHAT, 3))));
    assertThat(recovery.goOn(time.getAsLong(), wakes::incrementAndGet)).isEqualTo(Long.MAX_VALUE);

    ledger.answer();

    assertThat(wakes).hasPositiveValue();
    goOn();
    ledger.answer();
    goOn();
    assertThat(ledger.debited).containsEntry(key, 7L);
    assertThat(recovery.isOwing()).isFalse();
  }

  @Test
  void whatIsSettledIsToldOnce() throws Exception {
    spend(4);
    settle();
    assertThat(log.get()).hasSize(1);
    settle(); // A slot of a cluster was taken over.
    assertThat(log.get()).hasSize(1);
    spend(2);
    settle();
    assertThat(log.get()).hasSize(2);
  }

  @Test
  void aResetForgivesWhatIsOwed() throws Exception {
    BucketKey key = spend(12);
    assertThat(get(local.reset(key))).isTrue();
    settle();
    assertThat(ledger.debited).isEmpty();
  }

  @Test
  void debitsOnlyWhatIsItsOwnAndSeesWhatBecomesItsOwn() throws Exception {
    BucketKey here = spend(1);
    BucketKey there = spend(2);
    AtomicBoolean all = new AtomicBoolean();
    Recovery some =
        new Recovery(local, ledger, key -> all.get() || key.equals(here), new OutageTally());
    some.begin();
    some.goOn(time.getAsLong(), () -> {});
    some.goOn(time.getAsLong(), () -> {});
    assertThat(ledger.debited).containsOnlyKeys(here);
    assertThat(some.isOwing()).isFalse();

    all.set(true);
    some.begin();
    some.goOn(time.getAsLong(), () -> {});
    assertThat(ledger.debited).containsOnlyKeys(here, there);
  }

  @Test
  void noTokenIsLostOrDebitedTwiceWhileThreadsSpendAndDebitsAreSent() throws Exception {
    Bandwidth wide = Bandwidth.of(1_000_000, Duration.ofDays(3_000));
    List<BucketKey> keys = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      keys.add(key("chat"));
    }
    AtomicLong granted = new AtomicLong();
    AtomicInteger running = new AtomicInteger(3);
    together(
        4,
        thread -> {
          if (thread == 0) {
            while (running.get() > 0) {
              recovery.begin();
              goOn();
            }
            return;
          }
          for (int i = 0; i < 30_000; i++) {
            BucketKey first = keys.get((i + thread) % 10);
            BucketKey second = keys.get((i * 7 + thread + 1) % 10);
            List<Verdict> verdicts =
                first.equals(second)
                    ? get(local.take(List.of(draw(first, wide, 1))))
                    : get(local.take(List.of(draw(first, wide, 1), draw(second, wide, 1))));
            granted.addAndGet(verdicts.size());
          }
          running.decrementAndGet();
        });
    settle();
    assertThat(ledger.debited.values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(granted.get());
    assertThat(local.size()).isZero();
  }

  private BucketKey spend(long tokens) throws Exception {
    BucketKey key = key("chat");
    assertThat(get(local.take(List.of(draw(key, CHAT, tokens)))).get(0).granted()).isTrue();
    return key;
  }

  private long remaining(BucketKey key) throws Exception {
    return get(local.peek(List.of(one(key)))).get(0).remaining();
  }

  private void settle() {
    recovery.begin();
    for (int i = 0; recovery.isOwing(); i++) {
      goOn();
      assertThat(i).isLessThan(1_000);
    }
  }

  private long goOn() {
    return recovery.goOn(time.getAsLong(), () -> {});
  }

  private LastSeen seen(long spent) {
    return new LastSeen() {
      @Override
      public Tokens lastSeen(BucketKey key, Terms whole, long now) {
        Tokens tokens = Tokens.full(whole, now);
        tokens.charge(spent);
        return tokens;
      }

      @Override
      public void forget(BucketKey key) {}
    };
  }
}
