package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.LogLines;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Policy.OnOutage;
import io.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The switch with buckets of its own that owe what was spent. */
class OutageStoreRecoveryTest {

  private static final Bandwidth TEN = Bandwidth.of(10, Duration.ofMinutes(1));

  private final LogLines log = new LogLines(OutageStore.class);
  private final FakeStore shared = new FakeStore(Source.REDIS);
  private final FakeLink link = new FakeLink();
  private final FakeLedger ledger = new FakeLedger();
  private final FakeTime time = new FakeTime();
  private final MemoryBucketStore local =
      new MemoryBucketStore(new StoreSettings(1_000, 1), time, () -> 2, LastSeen.NOTHING);
  private final OutageStore store =
      new OutageStore(
          shared,
          local,
          new Recovery(local, ledger, key -> true, new OutageTally()),
          link,
          new RedisProbe(link, "sluice:"),
          Duration.ofMillis(25),
          time,
          OutageListener.NONE);

  @BeforeEach
  void attach() {
    store.watchLink();
    comeBack();
    store.tick();
    assertThat(store.status().settling()).isFalse();
    time.pass(Duration.ofSeconds(2)); // What comes now is no relapse.
  }

  @AfterEach
  void stopCollecting() {
    store.close();
    log.close();
  }

  @Test
  void debitsWhatWasSpentWhenRedisIsBackAndSaysSo() {
    link.lose("closed");
    take("a", OnOutage.LOCAL);
    take("a", OnOutage.LOCAL);
    take("b", OnOutage.ALLOW);
    assertThat(store.status().gateways()).isEqualTo(2);
    assertThat(store.status().settling()).isFalse();

    comeBack();
    assertThat(store.status().settling()).isTrue();
    store.tick();
    store.tick();

    assertThat(ledger.debited).containsOnlyKeys(key("a")).containsEntry(key("a"), 2L);
    assertThat(store.status().settling()).isFalse();
    assertThat(store.status().lastOutage()).isEqualTo(new OutageTokens(2, 1, 2, 0, 0, 0, 0));
    assertThat(log.get())
        .hasSize(4)
        .satisfies(lines -> {
          assertThat(lines.get(1)).contains("counts 1/2 of each limit by itself");
          assertThat(lines.get(2)).contains("3 requests", "2 tokens granted", "1 let through");
          assertThat(lines.get(3)).contains("is settled: 2 tokens debited, 0 of them above");
        });

    link.lose("closed again");
    assertThat(store.status().lastOutage()).isEqualTo(OutageTokens.NONE);
    assertThat(store.status().total()).isEqualTo(new OutageTokens(2, 1, 2, 0, 0, 0, 0));
  }

  @Test
  void aRequestIsDecidedAfterTheDebitOfItsBucket() {
    oweOne();
    ledger.beSilent();

    CompletableFuture<List<Verdict>> owing = take("a", OnOutage.LOCAL);
    CompletableFuture<List<Verdict>> other = take("b", OnOutage.LOCAL);

    assertThat(other).isCompleted();
    assertThat(shared.calls).containsExactly("take b");
    ledger.answer();
    assertThat(owing).isCompletedWithValueMatching(v -> v.get(0).source() == Source.REDIS);
    assertThat(shared.calls).containsExactly("take b", "take a");
  }

  @Test
  void aRequestWaitsForADebitNoLongerThanItsDeadline() {
    oweOne();
    ledger.beSilent();
    CompletableFuture<List<Verdict>> owing = take("a", OnOutage.LOCAL);

    for (int i = 0; i < 26; i++) {
      time.pass(Duration.ofMillis(1));
      store.tick();
    }

    assertThat(owing).isCompletedWithValueMatching(v -> v.get(0).source() == Source.LOCAL);
    shared.calls.clear();
    ledger.answer();
    assertThat(shared.calls).as("called off").isEmpty();
  }

  @Test
  void aRequestThatIsAskedAfterADebitIsCalledOffAtItsDeadline() {
    oweOne();
    ledger.beSilent();
    shared.beSilent(true);
    CompletableFuture<List<Verdict>> owing = take("a", OnOutage.LOCAL);
    ledger.answer();
    assertThat(shared.calls).containsExactly("take a");

    for (int i = 0; i < 26; i++) {
      time.pass(Duration.ofMillis(1));
      store.tick();
    }

    assertThat(owing).isCompletedWithValueMatching(v -> v.get(0).source() == Source.LOCAL);
    assertThat(shared.silent()).singleElement().matches(CompletableFuture::isCancelled);
  }

  @Test
  void aRequestThatWasDecidedHereThoughNoOutageBeganIsDebitedAtOnce() {
    shared.beSilent(true);
    link.owe(30_000_000);
    CompletableFuture<List<Verdict>> late = take("a", OnOutage.LOCAL);
    time.pass(Duration.ofMillis(20));
    link.hear(time.getAsLong());
    time.pass(Duration.ofMillis(6));
    store.tick();
    assertThat(late).isCompletedWithValueMatching(v -> v.get(0).source() == Source.LOCAL);
    assertThat(store.asksShared()).isTrue();

    store.tick();
    store.tick();

    assertThat(ledger.debited).containsEntry(key("a"), 1L);
    assertThat(store.status().settling()).isFalse();
  }

  @Test
  void whatADebitFailsWithIsBlamedAsIfTheRequestHadMetIt() {
    oweOne();
    ledger.answerWith(Debit.notDone(new RedisUnavailableException("NOPERM", null)));

    for (int i = 0; i < 10; i++) {
      assertThat(store.asksShared()).isTrue();
      assertThat(take("a", OnOutage.LOCAL))
          .isCompletedWithValueMatching(v -> v.get(0).source() == Source.LOCAL);
    }

    assertThat(store.asksShared()).isFalse();
    assertThat(store.status().lastProblem()).contains("NOPERM");
    assertThat(shared.calls).isEmpty();
  }

  @Test
  void aDebitThatIsNotMadeThoughNothingFailedIsNobodysFault() {
    oweOne();
    ledger.answerWith(Debit.NOT_DONE);

    for (int i = 0; i < 50; i++) {
      assertThat(take("a", OnOutage.LOCAL))
          .isCompletedWithValueMatching(v -> v.get(0).source() == Source.LOCAL);
    }

    assertThat(store.asksShared()).isTrue();
    assertThat(shared.calls).isEmpty();
  }

  @Test
  void nothingIsDebitedWhileTheOutageLasts() {
    link.lose("closed");
    take("a", OnOutage.LOCAL);
    for (int i = 0; i < 500; i++) {
      time.pass(Duration.ofMillis(1));
      store.tick();
    }
    assertThat(ledger.calls).hasValue(0);
  }

  /** An outage in which one token of "a" was spent is over, and nothing is debited yet. */
  private void oweOne() {
    link.lose("closed");
    take("a", OnOutage.LOCAL);
    comeBack();
    shared.calls.clear();
  }

  private void comeBack() {
    link.connect();
    store.tick();
    link.answerProbe();
    assertThat(store.asksShared()).isTrue();
  }

  private CompletableFuture<List<Verdict>> take(String policy, OnOutage onOutage) {
    return store.take(List.of(new Draw(key(policy), TEN, 1, onOutage))).toCompletableFuture();
  }

  private static BucketKey key(String policy) {
    return new BucketKey(policy, "main", "somebody");
  }
}
