package io.sluice.store;

import static io.sluice.store.BucketStoreContract.CHAT;
import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.sluice.fixtures.LogLines;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.Moment;
import io.sluice.redis.RedisScript;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Ten thousand buckets spoilt at random, alone and in a real Redis. */
class SpoiltBucketTest {

  private static final long NOW = new FakeTime().getAsLong();
  private static final Terms TERMS = new Terms(CHAT, NOW / 1_000_000_000);
  private static final int BUCKETS = 10_000;
  private static final int AT_ONCE = 200;
  private static final long MINUTE = 60_000_000_000L;

  /** What a bucket held before it was spoilt, and one bucket more. */
  private static final long MOST = 2 * CHAT.capacity();

  private static final RedisScript SET =
      new RedisScript("for i = 1, #KEYS do redis.call('SET', KEYS[i], ARGV[i]) end return {}");

  /** Of ours, used and not, by intervals, in debt; and of others. */
  private static List<byte[]> buckets(Terms terms) {
    List<byte[]> buckets = new ArrayList<>();
    for (Terms kind : List.of(terms, new Terms(BucketStoreContract.LOGIN, terms.version()))) {
      for (int charge : List.of(0, 3, 19, 25)) {
        Tokens tokens = Tokens.full(kind, NOW - 7_654_321_987L);
        tokens.charge(charge);
        tokens.advance(NOW);
        buckets.add(StateCodec.encode(tokens.state()));
      }
    }
    var foreign =
        io.github.bucket4j.BucketConfiguration.builder()
            .addLimit(limit -> limit.capacity(20).refillGreedy(20, Duration.ofMinutes(1)).id("one"))
            .addLimit(
                limit -> limit.capacity(99).refillIntervally(9, Duration.ofHours(1)).id("two"))
            .build();
    var counts =
        io.github.bucket4j.BucketState.createInitialState(
            foreign, io.github.bucket4j.MathType.INTEGER_64_BITS, NOW);
    var statistics = new io.github.bucket4j.distributed.remote.RemoteStat(0);
    buckets.add(StateCodec.encode(new RemoteBucketState(counts, statistics, null)));
    return buckets;
  }

  @Test
  void whatIsNoBucketIsToldAndWhatIsOneIsCounted() {
    Spoiler spoiler = new Spoiler(20_261_123, buckets(TERMS));
    int counted = 0;
    for (int i = 0; i < BUCKETS; i++) {
      byte[] spoilt = spoiler.next();
      try {
        count(new Known(spoilt, StateCodec.decode(spoilt), 0));
        counted++;
      } catch (IOException e) {
        assertThat(e).hasMessageMatching("(?s).+");
      } catch (RuntimeException | Error e) {
        fail(HexFormat.of().formatHex(spoilt), e);
      }
    }
    assertThat(counted).isBetween(BUCKETS / 10, BUCKETS * 9 / 10);
  }

  private static void count(Known known) {
    Tokens tokens = known.tokens(TERMS, new Moment(NOW, 0));
    long capacity = tokens.state().getConfiguration().getBandwidths()[0].getCapacity();
    assertThat(tokens.available()).isLessThanOrEqualTo(capacity);
    Verdict verdict = tokens.asked(1, Source.REDIS);
    assertThat(verdict.remaining()).isBetween(0L, capacity);
    assertThat(verdict.nanosToNext()).isNotNegative();
    assertThat(verdict.nanosToGrant()).isNotNegative();
    assertThat(tokens.ttlMillis()).isPositive();
    if (tokens.state().getConfiguration().equals(TERMS.configuration()) && tokens.spent() < 1_000) {
      tokens.advance(NOW + 60 * MINUTE);
      assertThat(tokens.available()).isEqualTo(20);
    }
    tokens.charge(1);
    StateCodec.encode(tokens.state());
  }

  @Test
  void theScriptTakesEachForWhatItIsOrForAFullOne() throws Exception {
    try (RedisHouse house = new RedisHouse();
        LogLines log = new LogLines(RedisBucketStore.class)) {
      FakeTime time = new FakeTime();
      LettuceLink link = house.link();
      List<RedisBucketStore> gateways =
          List.of(
              RedisHouse.store(link, time, time, true),
              RedisHouse.store(house.link(), time, time, true));
      List<BucketKey> keys = keys();
      Terms terms = termsInRedis(house, gateways.get(0));
      Spoiler spoiler = new Spoiler(20_261_124, buckets(terms));
      for (int round = 0; round < BUCKETS / AT_ONCE; round++) {
        // The other gateway knows buckets of the last round, which are not what is there now.
        time.pass(Duration.ofSeconds(2));
        spoil(link, keys, spoiler);
        long[] granted = new long[AT_ONCE];
        for (int tokens : List.of(1, 1, 20, 1)) {
          for (RedisBucketStore gateway : gateways) {
            take(gateway, keys, tokens, granted);
          }
        }
        assertThat(Arrays.stream(granted)).allMatch(tokens -> tokens <= MOST);
      }
      assertThat(log.get())
          .isNotEmpty()
          .allMatch(line -> line.startsWith("WARN sluice:chat:main:"));
    }
  }

  @Test
  void eachCanBeSettledAndDebited() throws Exception {
    try (RedisHouse house = new RedisHouse();
        LogLines log = new LogLines(RedisBucketStore.class)) {
      FakeTime time = new FakeTime();
      LettuceLink link = house.link();
      RedisBucketStore one = RedisHouse.store(link, time, time, true);
      RedisBucketStore two = RedisHouse.store(house.link(), time, time, true);
      List<BucketKey> keys = keys();
      Spoiler spoiler = new Spoiler(20_261_125, buckets(termsInRedis(house, one)));
      for (int round = 0; round < 10; round++) {
        time.pass(Duration.ofSeconds(2));
        spoil(link, keys, spoiler);
        List<CompletionStage<?>> settled = new ArrayList<>();
        for (BucketKey key : keys) {
          settled.add(one.settle(key, CHAT, -2));
          settled.add(two.settle(key, CHAT, 1));
          settled.add(
              two.debit(key, CHAT, 3)
                  .thenAccept(debit -> assertThat(debit.outcome()).isEqualTo(Debit.Outcome.DONE)));
          settled.add(
              one.debit(key, CHAT, -1)
                  .thenAccept(debit -> assertThat(debit.outcome()).isEqualTo(Debit.Outcome.DONE)));
        }
        for (CompletionStage<?> each : settled) {
          get(each);
        }
        long[] granted = new long[AT_ONCE];
        for (int tokens : List.of(1, 1, 20, 1)) {
          take(two, keys, tokens, granted);
        }
        assertThat(Arrays.stream(granted)).allMatch(tokens -> tokens <= MOST + 3);
      }
      assertThat(log.get()).isNotEmpty();
    }
  }

  @Test
  void ofAValueLongerThanAnyBucketOnlyTheBeginningCrossesTheLine() throws Exception {
    try (RedisHouse house = new RedisHouse();
        LogLines log = new LogLines(RedisBucketStore.class)) {
      BucketKey key = key("chat");
      String spelled = key.inRedis(RedisHouse.PREFIX);
      house.redis().send("SET", spelled, "x".repeat(1 << 20));
      LettuceLink link = house.link();
      CommitScript call = new CommitScript(get(link.epochNanos()));
      call.look(spelled.getBytes(UTF_8), new byte[0]);
      CommitScript.read(
          get(call.run(link)), (number, taken, value) -> assertThat(value).hasSize(4_096));

      RedisBucketStore gateway = house.store(new FakeTime());
      assertThat(get(gateway.take(List.of(draw(key, CHAT, 1)))).get(0).remaining()).isEqualTo(19);
      assertThat(get(gateway.take(List.of(draw(key, CHAT, 1)))).get(0).remaining()).isEqualTo(18);
      assertThat(log.get()).singleElement().asString().contains(spelled);
    }
  }

  /** The terms that gateways have got, with the version from Redis. */
  private static Terms termsInRedis(RedisHouse house, RedisBucketStore gateway) throws Exception {
    get(gateway.take(List.of(draw(key("chat"), CHAT, 1))));
    String version = house.redis().send("GET", "sluice:version:chat:main").split(" ", 2)[0];
    return new Terms(CHAT, Long.parseLong(version));
  }

  private static List<BucketKey> keys() {
    List<BucketKey> keys = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      keys.add(key("chat"));
    }
    return keys;
  }

  private static void spoil(LettuceLink link, List<BucketKey> keys, Spoiler spoiler)
      throws Exception {
    List<byte[]> names = new ArrayList<>();
    List<byte[]> values = new ArrayList<>();
    for (BucketKey key : keys) {
      names.add(key.inRedis(RedisHouse.PREFIX).getBytes(UTF_8));
      values.add(spoiler.next());
    }
    get(link.run(SET, names, values));
  }

  /** Each request names a spoilt bucket and one of its own. */
  private static void take(
      RedisBucketStore gateway, List<BucketKey> keys, int tokens, long[] granted) throws Exception {
    Bandwidth own = Bandwidth.of(1_000_000, Duration.ofHours(1));
    List<CompletionStage<List<Verdict>>> answers = new ArrayList<>();
    for (BucketKey key : keys) {
      Draw other = draw(new BucketKey("own", "main", key.caller()), own, 1);
      answers.add(gateway.take(List.of(draw(key, CHAT, tokens), other)));
    }
    for (int i = 0; i < granted.length; i++) {
      List<Verdict> verdicts = get(answers.get(i));
      granted[i] += verdicts.get(0).granted() ? tokens : 0;
      assertThat(verdicts.get(1).granted()).isTrue();
      for (Verdict verdict : verdicts) {
        assertThat(verdict.source()).isEqualTo(Source.REDIS);
        assertThat(verdict.remaining()).isNotNegative();
        assertThat(verdict.nanosToNext()).isNotNegative();
        assertThat(verdict.nanosToGrant()).isNotNegative();
      }
    }
  }
}
