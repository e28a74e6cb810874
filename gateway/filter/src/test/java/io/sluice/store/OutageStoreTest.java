package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisCommandExecutionException;
import io.sluice.fixtures.LogLines;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Policy.OnOutage;
import io.sluice.policy.PolicyBook;
import io.sluice.redis.RedisUnavailableException;
import io.sluice.store.StoreStatus.Mode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutageStoreTest {

  private static final Bandwidth TEN = Bandwidth.of(10, Duration.ofMinutes(1));

  private static final OutageTokens ONE_COUNTED = new OutageTokens(1, 0, 0, 0, 0, 0, 0);

  private final LogLines log = new LogLines(OutageStore.class);
  private final FakeStore shared = new FakeStore(Source.REDIS);
  private final FakeStore local = new FakeStore(Source.LOCAL);
  private final FakeLink link = new FakeLink();
  private final List<String> told = new ArrayList<>();
  private long now = 1_000_000_000L;
  private final Recovery recovery = NothingOwed.recovery();
  private final OutageStore store =
      new OutageStore(
          shared,
          local,
          recovery,
          link,
          new RedisProbe(link, "sluice:"),
          Duration.ofMillis(25),
          () -> now,
          new OutageListener() {
            @Override
            public void outage(String cause) {
              told.add("outage: " + cause);
            }

            @Override
            public void recovery(Duration lasted, long localDecisions) {
              told.add("recovery: " + lasted.toMillis() + " ms, " + localDecisions);
            }
          });

  @AfterEach
  void stopCollecting() {
    store.close();
    log.close();
  }

  @Test
  void asksTheSharedStoreWhileItAnswers() {
    open();

    assertThat(take(draw("a"), draw("b"))).isCompletedWithValueMatching(all(Source.REDIS, 2));
    assertThat(shared.calls).containsExactly("take a+b");
    assertThat(local.calls).isEmpty();
    assertThat(told).isEmpty();
    assertThat(log.get()).containsExactly("INFO limits are counted in redis://fake:6379/0");
  }

  @Test
  void countsHereUntilTheFirstProbeHasSucceededAndCallsThatNoOutage() throws Exception {
    store.watchLink();

    assertThat(take(draw("a"))).isCompletedWithValueMatching(all(Source.LOCAL, 1));
    assertThat(store.awaitShared(Duration.ZERO)).isFalse();
    assertThat(log.get()).isEmpty();

    link.connect();
    store.tick();
    link.answerProbe();

    assertThat(store.awaitShared(Duration.ZERO)).isTrue();
    assertThat(take(draw("a"))).isCompletedWithValueMatching(all(Source.REDIS, 1));
    assertThat(told).isEmpty();
  }

  @Test
  void saysOnceThatRedisIsAbsentAtStart() {
    store.watchLink();

    link.lose("redis://fake:6379/0 cannot be reached");
    link.lose("redis://fake:6379/0 cannot be reached");
    link.lose("redis://fake:6379/0 closed the connection");

    assertThat(told).containsExactly("outage: redis://fake:6379/0 cannot be reached");
    assertThat(log.get())
        .hasSize(1)
        .first()
        .asString()
        .startsWith("ERROR Redis is away: redis://fake:6379/0 cannot be reached.");
    assertThat(link.probes()).isZero();
  }

  @Test
  void explainsAnOutageThatComesBackWithinSecondsOnlyOnce() {
    open();
    for (int i = 0; i < 2; i++) {
      link.lose("redis://fake:6379/0 closed the connection");
      link.connect();
      for (int probes = link.probes(); link.probes() == probes; ) {
        passMillis(1);
      }
      link.answerProbe();
    }
    passMillis(6_000);
    link.lose("redis://fake:6379/0 closed the connection");

    assertThat(log.get().stream().filter(line -> line.startsWith("ERROR")))
        .satisfiesExactly(
            first -> assertThat(first).contains("closed the connection. Until it answers"),
            second ->
                assertThat(second)
                    .isEqualTo(
                        "ERROR Redis is away again: redis://fake:6379/0 closed the connection"),
            later -> assertThat(later).contains("Until it answers"));
  }

  @Test
  void addsALineForARedisThatIsThereAndRefuses() {
    store.watchLink();
    link.lose("cannot be reached");
    link.lose(refusal("WRONGPASS"));
    link.lose(refusal("WRONGPASS"));

    assertThat(log.get())
        .hasSize(2)
        .last()
        .isEqualTo("ERROR Redis is there but refuses: WRONGPASS");
    assertThat(told).hasSize(1);
  }

  @Test
  void aRequestWaitsForItsDeadlineOnceAndLaterOnesPayNothing() {
    open();
    shared.beSilent(true);
    CompletableFuture<List<Verdict>> first = take(draw("a"));

    passMillis(24);
    assertThat(first).isNotDone();
    passMillis(1);
    assertThat(first).isCompletedWithValueMatching(all(Source.LOCAL, 1));

    assertThat(take(draw("b"))).isCompletedWithValueMatching(all(Source.LOCAL, 1));
    assertThat(shared.calls).containsExactly("take a");
    assertThat(told).containsExactly("outage: redis://fake:6379/0 did not answer within 25 ms");
  }

  @Test
  void ignoresAnAnswerThatComesAfterTheDeadline() {
    open();
    shared.beSilent(true);
    CompletableFuture<List<Verdict>> request = take(draw("a"));
    passMillis(25);

    shared.answerAll();

    assertThat(request).isCompletedWithValueMatching(all(Source.LOCAL, 1));
    assertThat(store.status().mode()).isEqualTo(Mode.LOCAL);
  }

  @Test
  void anAnswerInTimeWinsOverTheDeadline() {
    open();
    shared.beSilent(true);
    CompletableFuture<List<Verdict>> request = take(draw("a"));

    passMillis(20);
    shared.answerAll();
    passMillis(20);

    assertThat(request).isCompletedWithValueMatching(all(Source.REDIS, 1));
    assertThat(local.calls).isEmpty();
    assertThat(store.status().missedDeadlines()).isZero();
  }

  @Test
  void opensAtOnceWhenTheConnectionIsLost() {
    open();

    link.lose("redis://fake:6379/0 closed the connection");

    assertThat(take(draw("a"))).isCompletedWithValueMatching(all(Source.LOCAL, 1));
    assertThat(shared.calls).isEmpty();
  }

  @Test
  void bearsNineLateAnswersASecondFromARedisThatIsHeard() {
    open();
    for (int i = 0; i < 9; i++) {
      missWhileHeard();
    }
    assertThat(store.status().mode()).isEqualTo(Mode.REDIS);

    missWhileHeard();

    assertThat(store.status().mode()).isEqualTo(Mode.LOCAL);
    assertThat(store.status().missedDeadlines()).isEqualTo(10);
  }

  @Test
  void bearsAnyNumberOfLateAnswersThatAreFarApart() {
    open();
    for (int i = 0; i < 30; i++) {
      missWhileHeard();
      passMillis(100);
    }

    assertThat(store.status().mode()).isEqualTo(Mode.REDIS);
    assertThat(told).isEmpty();
  }

  @Test
  void decidesHereAtOnceWhenTheSharedStoreFailsAndOpensAfterTen() {
    open();
    shared.failWith(new StoreUnavailableException("OOM", null));
    for (int i = 0; i < 10; i++) {
      assertThat(store.status().mode()).isEqualTo(Mode.REDIS);
      assertThat(take(draw("a"))).isCompletedWithValueMatching(all(Source.LOCAL, 1));
    }

    assertThat(told).containsExactly("outage: OOM");
  }

  @Test
  void oneRefusalIsEnoughWhereAProbeIsRefusedToo() {
    open();
    passMillis(1_000);
    int before = link.probes();
    shared.failWith(new StoreUnavailableException("OOM", refusal("OOM of a take")));

    assertThat(take(draw("a"))).isCompletedWithValueMatching(all(Source.LOCAL, 1));
    passMillis(1);
    assertThat(link.probes()).isEqualTo(before + 1);
    assertThat(store.status().mode()).isEqualTo(Mode.REDIS);
    link.failProbe(refusal("OOM of the probe"));

    assertThat(told).containsExactly("outage: OOM of the probe");
    assertThat(store.status().mode()).isEqualTo(Mode.LOCAL);
    passMillis(100);
    assertThat(link.probes()).isEqualTo(before + 2);
  }

  @Test
  void aRefusalRightAfterAProbeCallsForTheNextInATenthOfASecond() {
    open();
    int before = link.probes();
    shared.failWith(new StoreUnavailableException("OOM", refusal("OOM")));
    request("a");
    passMillis(99);
    assertThat(link.probes()).isEqualTo(before);
    passMillis(1);
    assertThat(link.probes()).isEqualTo(before + 1);
  }

  @Test
  void refusalsThatConcernSomeRequestsOnlyCallForAProbeEachAndOpenNothing() {
    open();
    passMillis(1_000);
    int before = link.probes();
    shared.failWith(new StoreUnavailableException("no", refusal("no")));
    for (int i = 0; i < 24; i++) {
      request("a"); // Eight a second are no ten misses.
      passMillis(1);
      link.answerProbe();
      passMillis(124);
    }

    assertThat(link.probes() - before).isEqualTo(24);
    assertThat(store.status().mode()).isEqualTo(Mode.REDIS);
    assertThat(told).isEmpty();
  }

  @Test
  void aFaultOfOneRequestIsDecidedHereAndClosesNothing() {
    open();
    shared.failWith(new IllegalStateException("no bucket at this key"));

    for (int i = 0; i < 50; i++) {
      assertThat(take(draw("a"))).isCompletedWithValueMatching(all(Source.LOCAL, 1));
    }

    assertThat(store.status().mode()).isEqualTo(Mode.REDIS);
    assertThat(log.get())
        .hasSize(2)
        .last()
        .asString()
        .startsWith("ERROR the shared store failed on a request");
  }

  @Test
  void aHealthyStoreWithoutRoomIsNoOutage() {
    open();
    shared.failWith(new StoreOverloadedException("full"));

    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(take(draw("a"))::join).hasCauseInstanceOf(StoreOverloadedException.class);
    }

    assertThat(local.calls).isEmpty();
    assertThat(store.status().mode()).isEqualTo(Mode.REDIS);
  }

  @Test
  void probesEveryTenthOfASecondOneAtATimeAndTheFirstSuccessEndsTheOutage() {
    open();
    hang();
    int before = link.probes();

    passMillis(99);
    assertThat(link.probes()).isEqualTo(before);
    passMillis(1);
    assertThat(link.probes()).isEqualTo(before + 1);
    passMillis(500);
    assertThat(link.probes()).isEqualTo(before + 1);
    link.failProbe(new RedisUnavailableException("did not answer within 100 ms", null));
    request("x");
    passMillis(100);
    assertThat(link.probes()).isEqualTo(before + 2);
    shared.beSilent(false);
    link.answerProbe();

    assertThat(take(draw("b"))).isCompletedWithValueMatching(all(Source.REDIS, 1));
    assertThat(told)
        .containsExactly(
            "outage: redis://fake:6379/0 did not answer within 25 ms", "recovery: 700 ms, 2");
    assertThat(log.get())
        .hasSize(3)
        .last()
        .isEqualTo(
            "INFO Redis is back after 0.7 s; 2 requests were decided without it: 2 tokens"
                + " granted by the local share, 0 let through uncounted; limits are shared again");
  }

  @Test
  void aSlowProbeDoesNotEndTheOutage() {
    open();
    hang();
    passMillis(100);

    now += 26_000_000L;
    link.answerProbe();

    assertThat(store.status().mode()).isEqualTo(Mode.LOCAL);
  }

  @Test
  void aProbeThatWasLostIsSentAgain() {
    open();
    hang();
    passMillis(100);
    int before = link.probes();

    passMillis(2_000);

    assertThat(link.probes()).isEqualTo(before + 1);
  }

  @Test
  void probesAtOnceWhenTheConnectionIsBackAndNotBefore() {
    open();
    link.lose("closed");
    int before = link.probes();
    passMillis(5_000);
    assertThat(link.probes()).isEqualTo(before);

    link.connect();
    store.tick();
    assertThat(link.probes()).isEqualTo(before + 1);
    link.answerProbe();

    assertThat(store.status().mode()).isEqualTo(Mode.REDIS);
    assertThat(told).last().isEqualTo("recovery: 5000 ms, 0");
  }

  @Test
  void doesNotFlapWhenProbesSucceedAndRequestsFail() {
    open();
    shared.failWith(new StoreUnavailableException("READONLY", null));
    int before = link.probes();
    for (int millis = 0; millis < 20_000; millis++) {
      request("a");
      int sent = link.probes();
      passMillis(1);
      if (link.probes() > sent) {
        link.answerProbe();
      }
    }

    assertThat(link.probes() - before).isBetween(10, 20);
    assertThat(shared.calls).hasSizeLessThan(220);
  }

  @Test
  void blamesNobodyBeforeWhatHasComeIsRead() {
    open();
    shared.beSilent(true);
    link.fallBehind();
    CompletableFuture<List<Verdict>> request = take(draw("a"));
    now += 400_000_000L; // The process stood still.

    store.tick();
    passMillis(5);
    assertThat(request).isNotDone();
    shared.answerAll();
    link.catchUp();
    passMillis(30);

    assertThat(request).isCompletedWithValueMatching(all(Source.REDIS, 1));
    assertThat(told).isEmpty();
  }

  @Test
  void endsTheWaitWhenNothingWasThereToRead() {
    open();
    shared.beSilent(true);
    link.fallBehind();
    CompletableFuture<List<Verdict>> request = take(draw("a"));

    passMillis(26);
    assertThat(request).isNotDone();
    link.catchUp();
    store.tick();

    assertThat(request).isCompletedWithValueMatching(all(Source.LOCAL, 1));
  }

  @Test
  void blamesNobodyWhileRedisOwesNothingForSoLong() {
    open();
    shared.beSilent(true);
    link.owe(5_000_000);
    CompletableFuture<List<Verdict>> request = take(draw("a"));

    passMillis(26);
    assertThat(request).isNotDone();
    link.owe(24_000_000);
    passMillis(21);
    assertThat(request).isNotDone();
    shared.answerAll();
    assertThat(request).isCompletedWithValueMatching(all(Source.REDIS, 1));

    CompletableFuture<List<Verdict>> next = take(draw("a"));
    link.owe(25_000_000);
    passMillis(26);
    assertThat(next).isCompletedWithValueMatching(all(Source.LOCAL, 1));
  }

  @Test
  void waitsForEightDeadlinesAtMostWhoeverIsToBlame() {
    open();
    shared.beSilent(true);
    link.owe(0);
    CompletableFuture<List<Verdict>> one = take(draw("a"));
    passMillis(199);
    assertThat(one).isNotDone();
    passMillis(2);
    assertThat(one).isCompletedWithValueMatching(all(Source.LOCAL, 1));
  }

  @Test
  void waitsForTheReadingNoLongerThanThat() {
    open();
    shared.beSilent(true);
    link.fallBehind();
    CompletableFuture<List<Verdict>> other = take(draw("a"));
    passMillis(199);
    assertThat(other).isNotDone();
    passMillis(2);
    assertThat(other).isCompletedWithValueMatching(all(Source.LOCAL, 1));
  }

  @Test
  void goesByEachPolicysWishDuringAnOutage() {
    open();
    link.lose("closed");

    assertThat(take(draw("a"), draw("b", OnOutage.ALLOW), draw("c")))
        .isCompletedWithValue(List.of(local.verdict(), Verdict.ALLOWED_UNCOUNTED, local.verdict()));
    assertThat(local.calls).containsExactly("take a+c");
  }

  @Test
  void takesNothingWhenAPolicyDenies() {
    open();
    link.lose("closed");

    assertThat(take(draw("a"), draw("b", OnOutage.DENY), draw("c", OnOutage.ALLOW)))
        .isCompletedWithValue(
            List.of(local.verdict(), Verdict.DENIED_UNCOUNTED, Verdict.ALLOWED_UNCOUNTED));
    assertThat(local.calls).containsExactly("peek a");
  }

  @Test
  void asksNobodyWhenNothingIsToBeCounted() {
    open();
    link.lose("closed");

    assertThat(take(draw("a", OnOutage.ALLOW)))
        .isCompletedWithValue(List.of(Verdict.ALLOWED_UNCOUNTED));
    assertThat(local.calls).isEmpty();
  }

  @Test
  void aRequestThatMissesItsDeadlineGoesByItsPolicysWishToo() {
    open();
    shared.beSilent(true);
    CompletableFuture<List<Verdict>> request = take(draw("a", OnOutage.DENY), draw("b"));

    passMillis(25);

    assertThat(request).isCompletedWithValue(List.of(Verdict.DENIED_UNCOUNTED, local.verdict()));
    assertThat(local.calls).containsExactly("peek b");
  }

  @Test
  void looksSettlesAndResetsHereDuringAnOutage() {
    open();
    link.lose("closed");

    store.peek(List.of(draw("a")));
    store.settle(draw("a").key(), TEN, 3);
    assertThat(store.reset(draw("a").key()).toCompletableFuture()).isCompletedWithValue(true);

    assertThat(local.calls).containsExactly("peek a", "settle a 3", "reset a");
    assertThat(shared.calls).isEmpty();
  }

  @Test
  void saysWhatIsNotKnownToBeGivenBackThere() {
    open();
    assertThat(giveBack()).isCompleted();
    shared.beSilent(true);
    CompletableFuture<Void> unanswered = giveBack();
    passMillis(25);
    assertThat(unanswered).isCompletedExceptionally();
    link.lose("closed");
    assertThat(giveBack()).isCompletedExceptionally();
    assertThat(shared.calls).containsExactly("settle a -2", "settle a -2");
    assertThat(local.calls).isEmpty();
  }

  private CompletableFuture<Void> giveBack() {
    return store.giveBackShared(draw("a").key(), TEN, 2).toCompletableFuture();
  }

  @Test
  void aResetThatTheSharedStoreRefusesFails() {
    open();
    shared.failWith(new StoreUnavailableException("NOPERM", null));

    CompletableFuture<Boolean> reset = store.reset(draw("a").key()).toCompletableFuture();

    assertThat(reset).isCompletedExceptionally();
    assertThat(local.calls).containsExactly("reset a");
  }

  @Test
  void looksAndSettlesThereOtherwiseAndResetsInBothPlaces() {
    open();

    store.peek(List.of(draw("a")));
    store.settle(draw("a").key(), TEN, -1);
    store.reset(draw("a").key());

    assertThat(shared.calls).containsExactly("peek a", "settle a -1", "reset a");
    assertThat(local.calls).containsExactly("reset a");
  }

  @Test
  void handsANewBookToBothStores() {
    store.adopt(new PolicyBook("r2", List.of()));

    assertThat(shared.calls).containsExactly("adopt r2");
    assertThat(local.calls).containsExactly("adopt r2");
  }

  @Test
  void tellsItsStatus() {
    open();
    passMillis(3_000);
    assertThat(store.status())
        .isEqualTo(
            new StoreStatus(
                Mode.REDIS,
                "redis://fake:6379/0",
                true,
                Duration.ofSeconds(3),
                null,
                0,
                0,
                1,
                OutageTokens.NONE,
                OutageTokens.NONE,
                false));

    link.lose("closed");
    request("a");
    passMillis(2_000);

    assertThat(store.status())
        .isEqualTo(
            new StoreStatus(
                Mode.LOCAL,
                "redis://fake:6379/0",
                false,
                Duration.ofSeconds(2),
                "closed",
                0,
                1,
                1,
                ONE_COUNTED,
                ONE_COUNTED,
                false));
    assertThat(store.status().breakerOpen()).isTrue();
    assertThat(StoreStatus.disabled().breakerOpen()).isFalse();
  }

  /** Brings the store to the state in which Redis decides. */
  private void open() {
    store.watchLink();
    link.connect();
    store.tick();
    link.answerProbe();
    assertThat(store.status().mode()).isEqualTo(Mode.REDIS);
  }

  /** Makes the shared store hang, which one request finds out. */
  private void hang() {
    passMillis(1_000);
    shared.beSilent(true);
    request("a");
    passMillis(25);
    assertThat(store.status().mode()).isEqualTo(Mode.LOCAL);
  }

  private void missWhileHeard() {
    shared.beSilent(true);
    request("a");
    passMillis(10);
    link.hear(now);
    passMillis(15);
  }

  private void passMillis(int millis) {
    for (int i = 0; i < millis; i++) {
      now += 1_000_000L;
      store.tick();
    }
  }

  /** A request whose answer does not matter. */
  private void request(String policy) {
    var unused = take(draw(policy));
  }

  private CompletableFuture<List<Verdict>> take(Draw... draws) {
    return store.take(List.of(draws)).toCompletableFuture();
  }

  private static Predicate<List<Verdict>> all(Source source, int number) {
    return verdicts ->
        verdicts.size() == number
            && verdicts.stream().allMatch(verdict -> verdict.source() == source);
  }

  private static RedisUnavailableException refusal(String error) {
    return new RedisUnavailableException(error, new RedisCommandExecutionException(error));
  }

  private static Draw draw(String policy) {
    return draw(policy, OnOutage.LOCAL);
  }

  private static Draw draw(String policy, OnOutage onOutage) {
    return new Draw(new BucketKey(policy, "main", "somebody"), TEN, 1, onOutage);
  }
}
