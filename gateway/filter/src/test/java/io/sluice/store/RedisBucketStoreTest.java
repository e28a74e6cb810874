package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.distributed.BucketProxy;
import io.sluice.fixtures.Eventually;
import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;
import io.sluice.redis.LettuceLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RedisBucketStoreTest extends BucketStoreContract {

  private static RedisHouse house;
  private static List<LettuceLink> links;

  private final RedisBucketStore store = gateway(0, System::nanoTime, true);
  private final RedisBucketStore other = gateway(1, System::nanoTime, true);
  private final RedisBucketStore swapping = gateway(2, System::nanoTime, false);

  @BeforeAll
  static void open() {
    house = new RedisHouse();
    links = List.of(house.link(), house.link(), house.link());
  }

  @AfterAll
  static void close() {
    house.close();
  }

  @BeforeEach
  void empty() {
    redis("FLUSHALL");
  }

  private RedisBucketStore gateway(int link, LongSupplier nanoTime, boolean merging) {
    return RedisHouse.store(links.get(link), time, nanoTime, merging);
  }

  @Override
  BucketStore store() {
    return store;
  }

  private static String redis(String... command) {
    return house.redis().send(command);
  }

  private static String spelled(BucketKey key) {
    return key.inRedis(RedisHouse.PREFIX);
  }

  @Test
  void answersInTheNameOfRedis() throws Exception {
    assertThat(take(key("chat"), CHAT, 1).source()).isEqualTo(Source.REDIS);
  }

  @Test
  void aKeyIsReadableAndLivesUntilTheBucketIsFullAndTenSecondsMore() throws Exception {
    BucketKey key = key("chat");
    take(key, CHAT, 5);
    String spelled = "sluice:chat:main:{" + key.caller() + '}';
    assertThat(redis("EXISTS", spelled)).isEqualTo("1");
    assertThat(ttl(spelled)).isBetween(20_000L, 25_001L);
    get(store.settle(key, CHAT, 40));
    assertThat(ttl(spelled)).isBetween(140_000L, 145_001L);
    get(other.take(List.of(one(key("chat")))));
    assertThat(ttl("sluice:version:chat:main")).isPositive();
  }

  @Test
  void everyKeyExpires() throws Exception {
    BucketKey key = key("chat");
    for (RedisBucketStore each : List.of(store, other, swapping, store)) {
      get(each.take(List.of(draw(key, CHAT, 2), one(key("search")))));
    }
    get(store.settle(key, CHAT, 1));
    get(other.settle(key, CHAT, -1));
    for (String each : redis("KEYS", "*").split("\n", -1)) {
      assertThat(ttl(each.replaceFirst("^\\d+\\) ", ""))).as(each).isPositive();
    }
  }

  @Test
  void aMergedKeyLivesUntilAnEmptyBucketWouldBeFull() throws Exception {
    BucketKey key = key("chat");
    take(key, CHAT, 18);
    get(other.take(List.of(draw(key, CHAT, 1))));
    assertThat(ttl(spelled(key))).isBetween(65_000L, 70_001L);
  }

  @Test
  void requestsOfOneBatchSeeEachOtherAndWhatOthersTook() throws Exception {
    Gate gate = new Gate(links.get(0));
    RedisBucketStore gated = RedisHouse.store(gate, time, System::nanoTime, true);
    BucketKey key = key("chat");
    get(gated.take(List.of(one(key))));
    gate.hold();
    List<CompletionStage<List<Verdict>>> stages = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      stages.add(gated.take(List.of(draw(key, CHAT, 2))));
    }
    get(other.take(List.of(draw(key, CHAT, 5))));
    gate.release();
    List<Long> remaining = new ArrayList<>();
    for (CompletionStage<List<Verdict>> stage : stages) {
      remaining.add(get(stage).get(0).remaining());
    }
    assertThat(remaining).containsExactly(12L, 10L, 8L, 6L, 4L, 2L);
  }

  @Test
  void anAnswerOlderThanAResetDoesNotBringBackItsRefusals() throws Exception {
    Gate gate = new Gate(links.get(0));
    RedisBucketStore gated = RedisHouse.store(gate, time, System::nanoTime, true);
    BucketKey key = key("chat");
    get(gated.take(List.of(one(key))));
    gate.holdReplies();
    CompletionStage<List<Verdict>> rest = gated.take(List.of(draw(key, CHAT, 19)));
    assertThat(get(gated.reset(key))).isTrue();
    gate.release();
    assertThat(get(rest).get(0).granted()).isTrue();
    assertThat(get(gated.take(List.of(one(key)))).get(0).remaining()).isEqualTo(19);
  }

  private static long ttl(String key) {
    return Long.parseLong(redis("PTTL", key));
  }

  @Test
  void neitherPeekNorGivingBackCreatesAKey() throws Exception {
    BucketKey key = key("never-seen");
    peek(key, CHAT, 1);
    assertThat(redis("KEYS", "sluice:*never-seen*")).isEmpty();
    get(store.settle(key, CHAT, -3));
    assertThat(redis("EXISTS", spelled(key))).isEqualTo("0");
  }

  @Test
  void aRepeatedRefusalNeedsNoRedis() throws Exception {
    BucketKey key = key("chat");
    take(key, CHAT, 20);
    take(key, CHAT, 1);
    assertThat(store.take(List.of(one(key))).toCompletableFuture()).isDone();
  }

  @Test
  void whatAnotherGatewayResetsIsNoticedWithinASecond() throws Exception {
    BucketKey key = key("chat");
    take(key, CHAT, 20);
    assertThat(take(key, CHAT, 1).granted()).isFalse();
    get(other.reset(key));
    // More than the second, for a machine that is starved.
    Eventually.becomes(
        Duration.ofSeconds(10), "the reset is noticed", () -> take(key, CHAT, 1).granted());
    assertThat(peek(key, CHAT, 1).remaining()).isEqualTo(19);
  }

  @Test
  void remainingCountsWhatOtherGatewaysTook() throws Exception {
    BucketKey key = key("chat");
    take(key, CHAT, 1);
    for (int i = 18; i >= 2; i -= 2) {
      assertThat(get(other.take(List.of(one(key)))).get(0).remaining()).isEqualTo(i);
      assertThat(take(key, CHAT, 1).remaining()).isEqualTo(i - 1);
    }
  }

  @Test
  void aBucketThatWasFullLongAgoIsNotChargedInTheTokensItHadThen() throws Exception {
    BucketKey key = key("chat");
    take(key, CHAT, 15);
    time.pass(Duration.ofSeconds(50));
    // Full for 5 s. The other gateway has never seen it, so Redis merges its charge.
    assertThat(get(other.take(List.of(draw(key, CHAT, 5)))).get(0).remaining()).isEqualTo(15);
    assertThat(get(other.take(List.of(draw(key, CHAT, 15)))).get(0).remaining()).isZero();
    assertThat(get(other.take(List.of(one(key)))).get(0).granted()).isFalse();
  }

  @Test
  void rubbishUnderAKeyIsReplacedByAFullBucket() throws Exception {
    BucketKey key = key("chat");
    redis("SET", spelled(key), "rubbish");
    assertThat(take(key, CHAT, 1).remaining()).isEqualTo(19);
    redis("SET", spelled(key), "x".repeat(116));
    assertThat(take(key, CHAT, 1).remaining()).isEqualTo(19);
  }

  /** Three gateways on one Redis behave to the token like one process with a lock. */
  @ParameterizedTest
  @EnumSource(Mode.class)
  void anySequenceOverSeveralGatewaysIsAnsweredAsByOneProcess(Mode mode) throws Exception {
    Random random = new Random(20_261_121);
    FakeTime elapsed = new FakeTime();
    List<RedisBucketStore> gateways =
        List.of(gateway(0, elapsed, true), gateway(1, elapsed, true), gateway(2, elapsed, false));
    Bandwidth odd = new Bandwidth(13, 7, Duration.ofSeconds(11), mode);
    for (int round = 0; round < 30; round++) {
      MemoryBucketStore model = new MemoryBucketStore(new StoreSettings(1_000, 1), time);
      List<BucketKey> keys = List.of(key("odd"), key("odd"), key("odd"));
      for (BucketKey key : keys) { // What is given back to nothing begins no interval in Redis.
        get(gateways.get(0).take(List.of(draw(key, odd, 1))));
        get(model.take(List.of(draw(key, odd, 1))));
      }
      for (int step = 0; step < 60; step++) {
        // No state is fresh, so what others give back is seen at once.
        elapsed.pass(Duration.ofSeconds(2));
        for (BucketKey key : keys) {
          get(model.settle(key, odd, 0)); // None expires, as Redis' own clock stands still too.
        }
        RedisBucketStore gateway = gateways.get(random.nextInt(3));
        BucketKey first = keys.get(random.nextInt(3));
        int kind = random.nextInt(20);
        if (kind < 4) {
          long tokens = List.of(3, -4, 1 + random.nextInt(25), -random.nextInt(25)).get(kind);
          get(model.settle(first, odd, tokens));
          get(gateway.settle(first, odd, tokens));
        } else if (kind == 4) {
          long tokens = random.nextInt(13) - 4;
          get(model.settle(first, odd, tokens));
          Debit debit = get(gateway.debit(first, odd, tokens));
          assertThat(debit.outcome()).isEqualTo(Debit.Outcome.DONE);
          Verdict left = get(model.peek(List.of(draw(first, odd, 1)))).get(0);
          assertThat(debit.overdrawn() > 0 && left.remaining() > 0).isFalse();
        } else {
          List<Draw> draws =
              keys.stream()
                  .filter(key -> key.equals(first) || random.nextInt(3) == 0)
                  .map(key -> draw(key, odd, 1 + random.nextInt(3)))
                  .toList();
          assertThat(counts(get(gateway.take(draws))))
              .as("round %d step %d", round, step)
              .isEqualTo(counts(get(model.take(draws))));
        }
        if (random.nextInt(3) == 0) {
          double longest = random.nextInt(10) == 0 ? 30e9 : 9e9;
          time.passNanos((long) (random.nextDouble() * random.nextDouble() * longest));
        }
      }
    }
  }

  private static List<List<Object>> counts(List<Verdict> verdicts) {
    return verdicts.stream()
        .map(v -> List.<Object>of(v.granted(), v.remaining(), v.nanosToNext(), v.nanosToGrant()))
        .toList();
  }

  @Test
  void rememberingWhatWasSpentForAnOutage() throws Exception {
    BucketKey key = key("chat");
    Terms chat = new Terms(CHAT, 0);
    assertThat(store.lastSeen(key, chat, 0)).isNull();
    take(key, CHAT, 12);
    assertThat(store.lastSeen(key, chat, 0).spent()).isEqualTo(12);
    time.pass(Duration.ofSeconds(9));
    assertThat(store.lastSeen(key, chat, 0).spent()).isEqualTo(9);
    store.forget(key);
    assertThat(store.lastSeen(key, chat, 0)).isNull();
  }

  @Test
  void whatIsRememberedGoesOnOnAnotherClockInItsPhase() throws Exception {
    BucketKey even = key("chat");
    BucketKey interval = key("auth");
    take(even, CHAT, 12);
    take(interval, LOGIN, 5);
    time.pass(Duration.ofSeconds(841));
    long other = 5_000_000_000_000L;

    Tokens tokens = store.lastSeen(interval, new Terms(LOGIN, 0), other);
    assertThat(tokens.available()).isZero();
    tokens.advance(other + 58_999_999_999L);
    assertThat(tokens.available()).isZero();
    tokens.advance(other + 59_000_000_000L);
    assertThat(tokens.available()).isEqualTo(5);

    Bandwidth lowered = Bandwidth.of(10, Duration.ofHours(1));
    take(even, CHAT, 20);
    time.pass(Duration.ofMillis(1_500));
    Tokens raised = store.lastSeen(even, new Terms(CHAT, 0), other);
    raised.advance(other + 1_499_999_999L);
    assertThat(raised.spent()).isEqualTo(20);
    raised.advance(other + 1_500_000_000L);
    assertThat(raised.spent()).isEqualTo(19);
    assertThat(store.lastSeen(even, new Terms(lowered, 0), other).available()).isZero();
  }

  @Test
  void bucket4jWritesWhatTheScriptReads() {
    assertThat(MergeLayout.HOLDS).isTrue();
  }

  @Test
  void aStockProxyReadsWhatWeWrite() throws Exception {
    BucketKey key = key("chat");
    take(key, CHAT, 7);
    try (StockProxy stock = new StockProxy(house.redis().port(), time)) {
      BucketProxy bucket = stock.bucket(spelled(key), 20);
      assertThat(bucket.getAvailableTokens()).isEqualTo(13);
      assertThat(stock.configuration(spelled(key)).getBandwidths()[0].getRefillPeriodNanos())
          .isEqualTo(60_000_000_000L);
    }
  }

  @Test
  void aStockProxyAndTwoGatewaysShareOneBucket() throws Exception {
    BucketKey key = key("shared");
    Bandwidth wide = Bandwidth.of(900, Duration.ofHours(1));
    AtomicInteger granted = new AtomicInteger();
    try (StockProxy stock = new StockProxy(house.redis().port(), time)) {
      BucketProxy bucket = stock.bucket(spelled(key), 900);
      bucket.tryConsume(100); // The stock proxy creates it, without any version.
      together(
          3,
          thread -> {
            for (int i = 0; i < 400; i++) {
              boolean taken =
                  thread == 0
                      ? bucket.tryConsume(1)
                      : get((thread == 1 ? store : other).take(List.of(draw(key, wide, 1))))
                          .get(0)
                          .granted();
              if (taken) {
                granted.incrementAndGet();
              }
            }
          });
      assertThat(granted).hasValue(800);
      assertThat(bucket.getAvailableTokens()).isZero();
    }
  }
}
