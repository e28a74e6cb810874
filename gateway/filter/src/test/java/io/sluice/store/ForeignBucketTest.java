package io.sluice.store;

import static io.sluice.store.BucketStoreContract.CHAT;
import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConfigurationBuilder;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.sluice.fixtures.LogLines;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.redis.LettuceLink;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Buckets at our keys that somebody else's Bucket4j has written, and not with our limit in mind.
 */
class ForeignBucketTest {

  private static final Duration REFILLED = Duration.ofMinutes(1);
  private static RedisHouse house;
  private static List<LettuceLink> links;

  private final FakeTime time = new FakeTime();
  private final FakeTime theirs = new FakeTime();
  private final LogLines log = new LogLines(RedisBucketStore.class);
  private final StockProxy stock =
      new StockProxy(house.redis().port(), theirs, ExpirationAfterWriteStrategy.none());
  private final List<RedisBucketStore> gateways =
      links.stream().map(link -> RedisHouse.store(link, time, time, true)).toList();

  @BeforeAll
  static void open() {
    house = new RedisHouse();
    links = List.of(house.link(), house.link());
  }

  @AfterAll
  static void shut() {
    house.close();
  }

  @AfterEach
  void close() {
    stock.close();
    log.close();
  }

  /** Something that somebody does to a key with a stock proxy. */
  private record Deed(String name, Act act) {
    @Override
    public String toString() {
      return name;
    }
  }

  @FunctionalInterface
  private interface Act {
    void on(StockProxy stock, String key, FakeTime theirs);
  }

  static Stream<Deed> deeds() {
    return Stream.of(
        new Deed(
            "a bucket of a million",
            (stock, key, theirs) -> stock.bucket(key, 1_000_000).tryConsume(1)),
        new Deed(
            "a bucket that never refills",
            (stock, key, theirs) ->
                stock.bucket(key, greedy(1, Duration.ofDays(100_000))).tryConsume(1)),
        new Deed(
            "two bandwidths, with names",
            (stock, key, theirs) -> stock.bucket(key, two()).tryConsume(2)),
        new Deed(
            "intervals at the full hour",
            (stock, key, theirs) -> stock.bucket(key, aligned()).tryConsume(1)),
        new Deed(
            "tokens far beyond the capacity",
            (stock, key, theirs) -> stock.bucket(key, ours()).forceAddTokens(1L << 50)),
        new Deed(
            "all tokens there are",
            (stock, key, theirs) -> stock.bucket(key, 5).forceAddTokens(Long.MAX_VALUE)),
        new Deed("a debt that nobody can pay", (stock, key, theirs) -> runIntoDebt(stock, key)),
        new Deed(
            "a clock of the next century",
            (stock, key, theirs) -> {
              theirs.pass(Duration.ofDays(36_500));
              stock.bucket(key, ours()).tryConsume(20);
            }),
        new Deed(
            "two bandwidths of the next century",
            (stock, key, theirs) -> {
              theirs.pass(Duration.ofDays(36_500));
              stock.bucket(key, two()).tryConsume(7);
            }),
        new Deed(
            "a clock that began with the machine",
            (stock, key, theirs) -> {
              theirs.passNanos(77_000 - theirs.getAsLong());
              stock.bucket(key, ours()).tryConsume(20);
            }),
        new Deed(
            "a version that nothing can follow",
            (stock, key, theirs) ->
                stock
                    .bucket(key, greedy(1_000_000, Duration.ofHours(1)), Long.MAX_VALUE)
                    .tryConsume(1)),
        new Deed(
            "a version in milliseconds",
            (stock, key, theirs) ->
                stock
                    .bucket(
                        key, greedy(1, Duration.ofDays(100_000)), theirs.getAsLong() / 1_000_000)
                    .tryConsume(1)),
        new Deed(
            "a later version of what is no limit",
            (stock, key, theirs) ->
                stock
                    .bucket(key, two(), theirs.getAsLong() / 1_000_000_000 + 60)
                    .consumeIgnoringRateLimits(90)));
  }

  @ParameterizedTest
  @MethodSource("deeds")
  void itsCallerGetsOneBucketAtMostAndIsNotRefusedForEver(Deed deed) throws Exception {
    BucketKey key = key("chat");
    deed.act.on(stock, key.inRedis(RedisHouse.PREFIX), theirs);

    assertThat(granted(key)).isLessThanOrEqualTo(20);
    theirs.passNanos(time.getAsLong() - theirs.getAsLong());
    time.pass(REFILLED);
    assertThat(granted(key)).isEqualTo(20);
    assertThat(ttl(key)).isBetween(1L, 70_000L);
  }

  @ParameterizedTest
  @MethodSource("deeds")
  void aBucketOfOursThatTheyChangeIsOursAgain(Deed deed) throws Exception {
    BucketKey key = key("chat");
    assertThat(granted(key)).isEqualTo(20);
    deed.act.on(stock, key.inRedis(RedisHouse.PREFIX), theirs);

    time.pass(Duration.ofSeconds(2)); // What was known is known no more.
    assertThat(granted(key)).isLessThanOrEqualTo(20);
    time.pass(REFILLED);
    assertThat(granted(key)).isEqualTo(20);
    assertThat(ttl(key)).isBetween(1L, 70_000L);
  }

  @Test
  void aConfigurationThatTheyReplaceIsOursAgain() throws Exception {
    BucketKey key = key("chat");
    assertThat(granted(key)).isEqualTo(20);
    stock
        .bucket(key.inRedis(RedisHouse.PREFIX), ours())
        .replaceConfiguration(
            greedy(1_000_000, Duration.ofHours(1)), TokensInheritanceStrategy.RESET);

    time.pass(Duration.ofSeconds(2));
    assertThat(granted(key)).isLessThanOrEqualTo(20);
    time.pass(REFILLED);
    assertThat(granted(key)).isEqualTo(20);
  }

  @Test
  void whatNobodyCanPayIsTold() throws Exception {
    BucketKey key = key("chat");
    runIntoDebt(stock, key.inRedis(RedisHouse.PREFIX));
    granted(key);
    assertThat(log.get())
        .singleElement()
        .asString()
        .contains(key.inRedis(RedisHouse.PREFIX))
        .contains("no counts")
        .contains("DELETE /admin/limits");
  }

  /** By a way round, for a proxy refuses debts of more than three hundred years. */
  private static void runIntoDebt(StockProxy stock, String key) {
    BucketProxy bucket = stock.bucket(key, ours());
    long plenty = Long.MAX_VALUE >> 2;
    bucket.replaceConfiguration(
        greedy(plenty, Duration.ofNanos(plenty)), TokensInheritanceStrategy.RESET);
    bucket.consumeIgnoringRateLimits(2 * plenty);
    bucket.replaceConfiguration(ours(), TokensInheritanceStrategy.AS_IS);
  }

  /** Tries 40 times, each time together with a neighbour, and returns how often the key had one. */
  private int granted(BucketKey key) throws Exception {
    int granted = 0;
    for (int i = 0; i < 40; i++) {
      RedisBucketStore gateway = gateways.get(i % 2);
      BucketKey neighbour = key("neighbour");
      CompletionStage<List<Verdict>> mine = gateway.take(List.of(draw(key, CHAT, 1)));
      Verdict other = get(gateway.take(List.of(draw(neighbour, CHAT, 1)))).get(0);
      Verdict verdict = get(mine).get(0);
      assertThat(verdict.source()).isEqualTo(Source.REDIS);
      assertThat(verdict.remaining()).isBetween(0L, 19L);
      assertThat(verdict.nanosToNext()).isBetween(0L, 60_000_000_000L);
      assertThat(other.granted()).isTrue();
      assertThat(other.remaining()).isEqualTo(19);
      granted += verdict.granted() ? 1 : 0;
    }
    return granted;
  }

  private static long ttl(BucketKey key) {
    return Long.parseLong(house.redis().send("PTTL", key.inRedis(RedisHouse.PREFIX)));
  }

  private static BucketConfiguration ours() {
    return new Terms(CHAT, 0).configuration();
  }

  private static BucketConfiguration greedy(long capacity, Duration period) {
    return BucketConfiguration.builder()
        .addLimit(limit -> limit.capacity(capacity).refillGreedy(capacity, period))
        .build();
  }

  private static BucketConfiguration two() {
    ConfigurationBuilder builder = BucketConfiguration.builder();
    for (int i = 1; i <= 2; i++) {
      int number = i;
      builder.addLimit(limit ->
          limit
              .capacity(100L * number)
              .refillGreedy(1, Duration.ofDays(number))
              .id("number " + number));
    }
    return builder.build();
  }

  private static BucketConfiguration aligned() {
    return BucketConfiguration.builder()
        .addLimit(limit ->
            limit
                .capacity(3)
                .refillIntervallyAligned(
                    1, Duration.ofHours(1), java.time.Instant.ofEpochSecond(1_800_003_600)))
        .build();
  }
}
