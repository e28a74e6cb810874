package io.sluice.store;

import static io.sluice.store.BucketStoreContract.CHAT;
import static io.sluice.store.BucketStoreContract.LOGIN;
import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static io.sluice.store.BucketStoreContract.one;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LogLines;
import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What gateways grant without Redis, and what a real Redis holds when it is back, by a clock of the
 * test's own.
 */
class OutageShareTest {

  private static RedisHouse house;

  private final LogLines log = new LogLines(OutageStore.class);
  private final FakeTime time = new FakeTime();
  private final OutageTally tally = new OutageTally();
  private int gateways = 1;

  @BeforeAll
  static void open() {
    house = new RedisHouse();
  }

  @AfterAll
  static void close() {
    house.close();
  }

  @AfterEach
  void stopCollecting() {
    log.close();
  }

  /** One gateway's stores. */
  private final class Gateway {
    private final Gate gate = new Gate(house.link());
    private final RedisBucketStore shared =
        RedisHouse.store(gate, time, System::nanoTime, MergeLayout.HOLDS);
    private final MemoryBucketStore local =
        new MemoryBucketStore(
            new StoreSettings(1_000, 1), () -> time.getAsLong() - 12_345, () -> gateways, shared);
    private final Recovery recovery = new Recovery(local, shared, key -> true, tally);

    long takeAll(BucketStore from, BucketKey key, Bandwidth bandwidth) throws Exception {
      long taken = 0;
      while (get(from.take(List.of(draw(key, bandwidth, 1)))).get(0).granted()) {
        taken++;
      }
      return taken;
    }

    long spendAlone(BucketKey key) throws Exception {
      return takeAll(local, key, CHAT);
    }

    void spend(BucketKey key, long tokens) throws Exception {
      assertThat(get(shared.take(List.of(draw(key, CHAT, tokens)))).get(0).granted()).isTrue();
    }

    /** Settles everything. */
    void recover() {
      recovery.begin();
      Eventually.becomes(
          "nothing is owed",
          () -> {
            recovery.goOn(System.nanoTime(), () -> {});
            return !recovery.isOwing();
          });
    }

    Verdict peek(BucketKey key, Bandwidth bandwidth) throws Exception {
      return get(shared.peek(List.of(draw(key, bandwidth, 1)))).get(0);
    }

    long remaining(BucketKey key) throws Exception {
      return peek(key, CHAT).remaining();
    }
  }

  @Test
  void twoGatewaysTogetherGrantWhatIsLeftOfTheLimitAndNothingMore() throws Exception {
    gateways = 2;
    Gateway one = new Gateway();
    Gateway two = new Gateway();
    BucketKey unseen = key("chat");
    BucketKey seen = key("chat");
    one.spend(seen, 5);
    two.spend(seen, 1);

    assertThat(one.spendAlone(unseen) + two.spendAlone(unseen)).isEqualTo(20);
    assertThat(one.spendAlone(seen) + two.spendAlone(seen)).isEqualTo(14);
    time.pass(Duration.ofSeconds(12));
    assertThat(one.spendAlone(unseen) + two.spendAlone(unseen)).isEqualTo(4);

    one.recover();
    two.recover();
    assertThat(one.remaining(unseen)).isZero();
    assertThat(one.remaining(seen)).isEqualTo(4);
    assertThat(tally.total().overdrawn()).isZero();
  }

  @Test
  void aCallerWithoutTokensIsStillWithoutWhenTheOutageBegins() throws Exception {
    for (int n : List.of(1, 2, 3, 7, 40)) {
      gateways = n;
      Gateway gateway = new Gateway();
      BucketKey key = key("chat");
      gateway.spend(key, 20);
      Verdict refused = get(gateway.local.take(List.of(one(key)))).get(0);
      assertThat(refused.granted()).as("of %d gateways", n).isFalse();
      assertThat(refused.nanosToGrant()).isBetween(1L, 3_000_000_001L * n);
    }
  }

  @Test
  void aRequestThatTakesMoreThanAShareIsGrantedOnceAndNotToWhoHasSpentAll() throws Exception {
    gateways = 10;
    Gateway gateway = new Gateway();
    BucketKey key = key("chat");
    BucketKey drained = key("chat");
    gateway.spend(drained, 20);
    assertThat(get(gateway.local.take(List.of(draw(key, CHAT, 5)))).get(0).granted()).isTrue();
    assertThat(get(gateway.local.take(List.of(draw(key, CHAT, 5)))).get(0).granted()).isFalse();
    assertThat(get(gateway.local.take(List.of(draw(drained, CHAT, 5)))).get(0).granted()).isFalse();
  }

  @Test
  void aDebtIsDividedToo() throws Exception {
    gateways = 2;
    Gateway gateway = new Gateway();
    BucketKey key = key("chat");
    get(gateway.shared.settle(key, CHAT, 40));
    Verdict refused = get(gateway.local.take(List.of(one(key)))).get(0);
    assertThat(refused.nanosToGrant()).isEqualTo(66_000_000_000L);
  }

  @Test
  void anIntervalGoesOnInItsPhase() throws Exception {
    Gateway gateway = new Gateway();
    BucketKey key = key("auth");
    get(gateway.shared.take(List.of(draw(key, LOGIN, 5))));
    time.pass(Duration.ofMinutes(14));
    assertThat(gateway.takeAll(gateway.local, key, LOGIN)).isZero();
    time.pass(Duration.ofMinutes(1));
    assertThat(gateway.takeAll(gateway.local, key, LOGIN)).isEqualTo(5);
    gateway.recover();
    Verdict after = gateway.peek(key, LOGIN);
    assertThat(after.remaining()).isZero();
    assertThat(after.nanosToNext()).isEqualTo(Duration.ofMinutes(15).toNanos());
  }

  @Test
  void steadyUseBelowTheLimitDoesNotLeaveTheCallerEmpty() throws Exception {
    Gateway gateway = new Gateway();
    BucketKey key = key("chat");
    gateway.spend(key, 2);
    for (int i = 0; i < 300; i++) {
      time.pass(Duration.ofSeconds(4));
      assertThat(get(gateway.local.take(List.of(one(key)))).get(0).granted()).isTrue();
    }
    gateway.recover();
    assertThat(gateway.remaining(key)).isEqualTo(19);
  }

  @Test
  void withOneGatewayRedisHoldsWhatItWouldHoldWithoutAnyOutage() throws Exception {
    Bandwidth odd = new Bandwidth(50, 7, Duration.ofSeconds(9), Mode.GREEDY);
    Bandwidth steps = new Bandwidth(50, 7, Duration.ofSeconds(9), Mode.INTERVAL);
    SplittableRandom random = new SplittableRandom(3);
    Gateway gateway = new Gateway();
    for (int run = 0; run < 60; run++) {
      Bandwidth bandwidth = random.nextBoolean() ? odd : steps;
      BucketKey key = key("chat");
      MemoryBucketStore model = new MemoryBucketStore(new StoreSettings(1_000, 1), time);
      get(gateway.shared.take(List.of(draw(key, bandwidth, 8))));
      get(model.take(List.of(draw(key, bandwidth, 8))));
      long outages = 0;
      for (int phase = 0; phase < 6; phase++) {
        boolean outage = random.nextBoolean();
        BucketStore asked = outage ? gateway.local : gateway.shared;
        for (int i = random.nextInt(12); i >= 0; i--) {
          Draw draw = draw(key, bandwidth, 1 + random.nextInt(8));
          if (get(asked.take(List.of(draw))).get(0).granted()) {
            get(model.settle(key, bandwidth, draw.tokens()));
          }
          // An interval bucket that is full may start a new interval here or go on with its old.
          boolean rest = bandwidth == odd && random.nextInt(6) == 0;
          time.passNanos(random.nextLong(rest ? 60_000_000_000L : 900_000_000L));
        }
        if (outage) {
          if (random.nextInt(3) == 0) {
            house.redis().send("FLUSHALL");
          }
          gateway.recover();
          outages++;
          long expected = get(model.peek(List.of(draw(key, bandwidth, 1)))).get(0).remaining();
          assertThat(expected - gateway.peek(key, bandwidth).remaining())
              .as("run %d phase %d %s: a fraction of a token each", run, phase, bandwidth)
              .isBetween(0L, bandwidth == odd ? outages : 0L);
        }
      }
    }
    assertThat(tally.total().overdrawn()).isZero();
    assertThat(tally.total().restored()).isPositive();
  }

  @Test
  void aRedisThatComesBackEmptyGivesNobodyASecondLimit() throws Exception {
    gateways = 2;
    Gateway one = new Gateway();
    Gateway two = new Gateway();
    BucketKey spent = key("chat");
    BucketKey half = key("chat");
    one.spend(spent, 20);
    two.spend(half, 12);
    assertThat(get(one.shared.take(List.of(draw(half, CHAT, 9)))).get(0).remaining()).isEqualTo(8);
    assertThat(one.spendAlone(spent)).isZero();
    long more = one.spendAlone(half) + two.spendAlone(half);
    house.redis().send("FLUSHALL");

    two.recover();
    one.recover();

    assertThat(one.remaining(spent)).isZero();
    assertThat(one.remaining(half)).isEqualTo(20 - 12 - more);
    assertThat(tally.total().restored()).isBetween(30L, 32L);
  }

  @Test
  void gatewaysThatDisagreeOverdrawAtMostOneCapacityEachAndItIsCounted() throws Exception {
    Gateway one = new Gateway();
    Gateway two = new Gateway();
    BucketKey key = key("chat");
    assertThat(one.spendAlone(key) + two.spendAlone(key)).isEqualTo(40);
    one.recover();
    two.recover();
    assertThat(tally.total().overdrawn()).isEqualTo(20);
    Verdict refused = one.peek(key, CHAT);
    assertThat(refused.granted()).isFalse();
    assertThat(refused.nanosToGrant()).isEqualTo(63_000_000_000L);
  }

  @Test
  void aGatewayThatWasCutOffAloneIsDebitedFromWhatTheOthersLeft() throws Exception {
    gateways = 2;
    Gateway one = new Gateway();
    Gateway two = new Gateway();
    BucketKey key = key("chat");
    assertThat(one.spendAlone(key)).isEqualTo(10);
    two.spend(key, 20);
    one.recover();
    assertThat(tally.total().overdrawn()).isEqualTo(10);
    assertThat(two.peek(key, CHAT).nanosToGrant()).isEqualTo(33_000_000_000L);
  }

  @Test
  void aDebitThatOthersInterfereWithIsExact() throws Exception {
    Gateway one = new Gateway();
    Gateway two = new Gateway();
    BucketKey key = key("chat");
    one.spend(key, 1);
    get(one.local.take(List.of(draw(key, CHAT, 7))));
    two.spend(key, 2);
    one.recover();
    two.spend(key, 3);
    assertThat(one.remaining(key)).isEqualTo(7);
  }

  @Test
  void aDebitThatRedisDidNotAnswerIsSentOnce() throws Exception {
    Gateway gateway = new Gateway();
    BucketKey key = key("chat");
    gateway.spend(key, 1);
    get(gateway.local.take(List.of(draw(key, CHAT, 7))));
    gateway.gate.loseReplies();
    gateway.recovery.begin();
    gateway.recovery.goOn(System.nanoTime(), () -> {});
    Eventually.becomes("the debit is in doubt", () -> tally.total().doubtful() > 0);
    gateway.gate.release();
    gateway.recover();
    assertThat(gateway.remaining(key)).isEqualTo(12);
  }

  @Test
  void aLinkThatIsDownKeepsWhatIsOwedForTheNextRecovery() throws Exception {
    Gateway gateway = new Gateway();
    BucketKey key = key("chat");
    gateway.spend(key, 1);
    get(gateway.local.take(List.of(draw(key, CHAT, 7))));
    gateway.gate.up(false);
    gateway.recovery.begin();
    gateway.recovery.goOn(System.nanoTime(), () -> {});
    get(gateway.local.take(List.of(draw(key, CHAT, 2))));
    gateway.gate.up(true);
    gateway.recover();
    assertThat(gateway.remaining(key)).isEqualTo(10);
    assertThat(gateway.local.size()).isZero();
  }

  @Test
  void aRedisThatRefusesToWriteKeepsWhatIsOwed() throws Exception {
    Gateway gateway = new Gateway();
    BucketKey key = key("chat");
    get(gateway.local.take(List.of(draw(key, CHAT, 7))));
    get(gateway.shared.take(List.of(one(key("chat")))));
    house.redis().send("CONFIG", "SET", "maxmemory", "1");
    try {
      Debit debit = get(gateway.shared.debit(key, CHAT, 7));
      assertThat(debit.outcome()).isEqualTo(Debit.Outcome.NOT_DONE);
      assertThat(debit.why()).hasMessageContaining("OOM");
      Debit unnumbered = get(gateway.shared.debit(key("upload"), CHAT, 7));
      assertThat(unnumbered.outcome()).isEqualTo(Debit.Outcome.NOT_DONE);
      assertThat(unnumbered.why()).hasMessageContaining("no version for the limit upload.");
    } finally {
      house.redis().send("CONFIG", "SET", "maxmemory", "0");
    }
    gateway.recover();
    assertThat(gateway.remaining(key)).isEqualTo(13);
  }

  @Test
  void aResetInAnOutageMakesTheShareFull() throws Exception {
    Gateway gateway = new Gateway();
    BucketKey key = key("chat");
    gateway.spend(key, 20);
    assertThat(gateway.spendAlone(key)).isZero();
    assertThat(get(gateway.local.reset(key))).isTrue();
    assertThat(gateway.spendAlone(key)).isEqualTo(20);
  }

  @Test
  void aRaisedLimitTakesEffectInAnOutageAndKeepsWhatWasSpent() throws Exception {
    gateways = 2;
    Gateway gateway = new Gateway();
    BucketKey key = key("chat");
    gateway.spend(key, 10);
    assertThat(gateway.spendAlone(key)).isEqualTo(5);
    Bandwidth raised = Bandwidth.of(40, Duration.ofMinutes(1));
    assertThat(gateway.takeAll(gateway.local, key, raised)).isEqualTo(10);
  }
}
