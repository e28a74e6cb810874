package io.sluice.store;

import static io.sluice.store.BucketStoreContract.CHAT;
import static io.sluice.store.BucketStoreContract.LOGIN;
import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static io.sluice.store.BucketStoreContract.one;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.limit.BucketKey;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisClock;
import io.sluice.redis.RedisLink;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gateways whose wall clocks are anywhere, on a Redis whose clock is set while they work. */
class RedisClockJumpTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private static RedisHouse house;
  private static List<LettuceLink> links;

  /** What a stop watch shows. */
  private final FakeTime elapsed = new FakeTime();

  private final FakeTime setBy = new FakeTime();

  @BeforeAll
  static void open() {
    house = new RedisHouse();
    links = List.of(house.link(), house.link());
  }

  @AfterAll
  static void close() {
    house.close();
  }

  private RedisLink redis(RedisLink line) {
    long origin = new FakeTime().getAsLong();
    return new TimedLink(line, () -> elapsed.getAsLong() + setBy.getAsLong() - origin);
  }

  private RedisBucketStore gateway(RedisLink link, Duration wallClockAhead, boolean merging) {
    long wall = elapsed.getAsLong() + wallClockAhead.toNanos();
    return RedisHouse.store(link, new RedisClock(link, () -> wall, elapsed), elapsed, merging);
  }

  private List<RedisBucketStore> gateways(boolean merging) {
    return List.of(
        gateway(redis(links.get(0)), HOUR, merging),
        gateway(redis(links.get(1)), HOUR.negated(), merging));
  }

  /** Tries so many times at each gateway in turn, and returns how many were granted. */
  private static int tries(
      int each, List<RedisBucketStore> gateways, BucketKey key, Bandwidth bandwidth)
      throws Exception {
    int granted = 0;
    for (int i = 0; i < each; i++) {
      for (RedisBucketStore gateway : gateways) {
        List<Verdict> verdicts = get(gateway.take(List.of(draw(key, bandwidth, 1))));
        granted += verdicts.get(0).granted() ? 1 : 0;
      }
    }
    return granted;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void gatewaysTwoHoursApartEnforceOneLimit(boolean merging) throws Exception {
    List<RedisBucketStore> gateways = gateways(merging);
    BucketKey key = key("chat");
    assertThat(tries(20, gateways, key, CHAT)).isEqualTo(20);
    for (int i = 0; i < 30; i++) {
      elapsed.pass(Duration.ofMillis(1_500));
      assertThat(tries(2, gateways, key, CHAT)).isEqualTo(i % 2);
    }
    elapsed.pass(HOUR);
    assertThat(tries(20, gateways, key, CHAT)).isEqualTo(20);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClockThatIsSetBackNeitherRefillsNorFreezes(boolean merging) throws Exception {
    List<RedisBucketStore> gateways = gateways(merging);
    BucketKey key = key("chat");
    assertThat(tries(20, gateways, key, CHAT)).isEqualTo(20);
    for (int jump = 0; jump < 3; jump++) {
      setBy.pass(HOUR.negated());
      assertThat(tries(20, gateways, key, CHAT)).isZero();
      elapsed.pass(Duration.ofMillis(2_990));
      assertThat(tries(20, gateways, key, CHAT)).isZero();
      elapsed.pass(Duration.ofMillis(10));
      assertThat(tries(20, gateways, key, CHAT)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoCallsLongAfterTheClockWasSetBackIsOwedTheTimeInBetween(boolean merging) throws Exception {
    List<RedisBucketStore> gateways = gateways(merging);
    BucketKey chat = key("chat");
    BucketKey login = key("auth");
    assertThat(tries(20, gateways, chat, CHAT)).isEqualTo(20);
    assertThat(tries(20, gateways, login, LOGIN)).isEqualTo(5);
    elapsed.pass(Duration.ofSeconds(14));
    setBy.pass(HOUR.negated());
    elapsed.pass(Duration.ofSeconds(7));
    assertThat(tries(20, gateways, chat, CHAT)).isEqualTo(7);
    elapsed.pass(Duration.ofMinutes(15).minusSeconds(22));
    assertThat(tries(20, gateways, login, LOGIN)).isZero();
    elapsed.pass(Duration.ofSeconds(1));
    assertThat(tries(20, gateways, login, LOGIN)).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aGatewayThatWasNotThereRefillsFromWhenItFirstLooked(boolean merging) throws Exception {
    BucketKey chat = key("chat");
    BucketKey login = key("auth");
    assertThat(tries(20, gateways(merging), chat, CHAT)).isEqualTo(20);
    assertThat(tries(20, gateways(merging), login, LOGIN)).isEqualTo(5);
    setBy.pass(HOUR.negated());
    elapsed.pass(Duration.ofSeconds(14));
    List<RedisBucketStore> newcomers = gateways(merging);
    assertThat(tries(1, newcomers, chat, CHAT) + tries(1, newcomers, login, LOGIN)).isZero();
    elapsed.pass(Duration.ofSeconds(3));
    assertThat(tries(20, gateways(merging), chat, CHAT)).isEqualTo(1);
    elapsed.pass(Duration.ofMinutes(15).minusSeconds(3));
    assertThat(tries(20, newcomers, login, LOGIN)).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClockThatIsSetForwardRefillsOnceHoweverManyNotice(boolean merging) throws Exception {
    List<RedisBucketStore> gateways = gateways(merging);
    BucketKey key = key("chat");
    assertThat(tries(20, gateways, key, CHAT)).isEqualTo(20);
    setBy.pass(HOUR);
    elapsed.pass(Duration.ofSeconds(1));
    assertThat(tries(50, gateways, key, CHAT)).isEqualTo(20);
    elapsed.pass(Duration.ofSeconds(3));
    assertThat(tries(50, gateways, key, CHAT)).isEqualTo(1);
    setBy.pass(HOUR.negated());
    assertThat(tries(50, gateways, key, CHAT)).isZero();
    elapsed.pass(Duration.ofSeconds(3));
    assertThat(tries(50, gateways, key, CHAT)).isEqualTo(1);
  }

  @Test
  void chargesOfBeforeAreNotRefilledByAChargeOfAfter() throws Exception {
    BucketKey key = key("chat");
    get(gateway(redis(links.get(0)), HOUR, true).take(List.of(draw(key, CHAT, 15))));
    setBy.pass(HOUR.negated());
    // Neither has seen the bucket, so Redis merges their charges into bytes of the future.
    get(gateway(redis(links.get(0)), HOUR, true).take(List.of(draw(key, CHAT, 2))));
    elapsed.pass(Duration.ofSeconds(6));
    RedisBucketStore other = gateway(redis(links.get(1)), HOUR, true);
    get(other.take(List.of(draw(key, CHAT, 1))));
    assertThat(get(other.peek(List.of(one(key)))).get(0).remaining()).isEqualTo(4);
  }

  @Test
  void aBucketOfAStockProxyIsCarriedOverToo() throws Exception {
    BucketKey key = key("chat");
    try (StockProxy stock = new StockProxy(house.redis().port(), elapsed)) {
      assertThat(stock.bucket(key.inRedis(RedisHouse.PREFIX), 20).tryConsume(20)).isTrue();
    }
    setBy.pass(HOUR.negated());
    List<RedisBucketStore> gateways = gateways(true);
    assertThat(tries(1, gateways, key, CHAT)).isZero();
    elapsed.pass(Duration.ofSeconds(3));
    assertThat(tries(5, gateways, key, CHAT)).isEqualTo(1);
  }

  @Test
  void settlingOnAClockThatWasSetChargesOnceAndGivesBackOnce() throws Exception {
    List<RedisBucketStore> gateways = gateways(true);
    BucketKey key = key("chat");
    assertThat(tries(6, gateways, key, CHAT)).isEqualTo(12);
    setBy.pass(HOUR.negated());
    get(gateways.get(0).settle(key, CHAT, 4));
    get(gateways.get(1).settle(key, CHAT, -3));
    assertThat(get(gateways.get(1).peek(List.of(one(key)))).get(0).remaining()).isEqualTo(7);
  }

  @Test
  void aCallThatReachesRedisLateIsDecidedAgainAndChargedOnce() throws Exception {
    Gate gate = new Gate(redis(links.get(0)));
    RedisBucketStore gateway = gateway(gate, HOUR, true);
    BucketKey key = key("chat");
    get(gateway.take(List.of(draw(key, CHAT, 20))));
    gate.hold();
    CompletionStage<List<Verdict>> wanted = gateway.take(List.of(one(key("chat")), one(key)));
    elapsed.pass(Duration.ofSeconds(3));
    CompletionStage<List<Verdict>> late = gateway.take(List.of(one(key("chat")), one(key)));
    late.toCompletableFuture().cancel(false);
    gate.release();
    assertThat(get(wanted)).allMatch(Verdict::granted);
    assertThat(get(gateway.peek(List.of(one(key)))).get(0).remaining()).isZero();
  }
}
