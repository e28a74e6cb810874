package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LogLines;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Policy.OnOutage;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisClock;
import io.sluice.redis.RedisSettings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two gateways' stores on one real Redis that hangs, or is killed and comes back empty. */
@Timeout(120)
class TwoGatewaysOutageTest {

  /** Nothing worth a token flows back while a test runs. */
  private static final Bandwidth LIMIT = Bandwidth.of(20, Duration.ofDays(1));

  private static final int OTHERS = 300;

  private final LogLines log = new LogLines(OutageStore.class);
  private final LogLines counting = new LogLines(LiveGateways.class);
  private final LocalRedis redis = LocalRedis.start();
  private final Gateway one = new Gateway();
  private final Gateway two = new Gateway();

  @BeforeEach
  void start() throws InterruptedException {
    one.start();
    two.start();
    one.beat();
    two.beat();
    one.beat();
    assertThat(one.gateways.count()).isEqualTo(2);
    assertThat(two.gateways.count()).isEqualTo(2);
  }

  @AfterEach
  void stop() {
    one.close();
    two.close();
    redis.close();
    counting.close();
    log.close();
  }

  @Test
  void aRedisThatHangsDoublesNobodysLimit() {
    spendBefore();
    redis.pause();
    long granted = outage();
    redis.resume();
    one.isSettled();
    two.isSettled();

    // Each may have had one request on its way when Redis stopped: charged there, and here too.
    assertThat(one.remaining("some")).isBetween(20 - 6 - granted - 2, 20 - 6 - granted);
    assertThat(one.remaining("all")).isZero();
    assertThat(two.take("all").granted()).isFalse();
  }

  @Test
  void aRedisThatComesBackEmptyDoublesNobodysLimit() {
    spendBefore();
    redis.kill();
    long granted = outage();
    redis.restart();
    one.isSettled();
    two.isSettled();

    // The first gateway last saw five of the six spent, and may be the one that puts them back.
    assertThat(one.remaining("some")).isBetween(20 - 6 - granted, 20 - 5 - granted);
    assertThat(one.remaining("all")).isZero();
    assertThat(two.take("all").granted()).isFalse();
    assertThat(log.get()).anyMatch(line -> line.contains("is settled"));
  }

  @Test
  void aRequestRightAfterTheReturnIsDecidedAfterItsDebit() {
    redis.kill();
    one.isAlone();
    for (int i = 0; i < OTHERS; i++) {
      while (one.take("user-" + i).granted()) {
        assertThat(one.store.status().mode()).isEqualTo(StoreStatus.Mode.LOCAL);
      }
    }
    redis.restart();
    one.isShared();
    for (int i = OTHERS - 1; i >= 0; i--) {
      Verdict next = one.take("user-" + i);
      assertThat(next.source()).isEqualTo(Source.REDIS);
      assertThat(next.remaining()).isEqualTo(9);
    }
    one.isSettled();
    assertThat(one.store.status().total())
        .isEqualTo(new OutageTokens(OTHERS * 10, 0, OTHERS * 10, 0, 0, 0, 0));
  }

  @Test
  void aGatewayThatEndsRightAfterTheReturnHasItsSpendingDebitedFirst() throws Exception {
    redis.kill();
    one.isAlone();
    for (int i = 0; i < OTHERS; i++) {
      assertThat(one.take("user-" + i).granted()).isTrue();
    }
    assertThat(one.store.awaitSettled(Duration.ofSeconds(20))).as("nobody to tell").isFalse();
    redis.restart();
    one.isShared();
    assertThat(one.store.awaitSettled(Duration.ofSeconds(20))).isTrue();
    one.close();
    two.isShared();
    for (int i = 0; i < OTHERS; i++) {
      assertThat(two.remaining("user-" + i)).isEqualTo(19);
    }
  }

  @Test
  void aSecondOutageInTheMiddleOfSettlingLosesNoDebitAndRepeatsNone() {
    redis.kill();
    one.isAlone();
    for (int i = 0; i < OTHERS; i++) {
      assertThat(one.take("user-" + i).granted()).isTrue();
    }
    redis.restart();
    one.isShared();
    redis.pause();
    one.isAlone();
    OutageTokens before = one.tally.total();
    redis.resume();
    one.isShared();
    one.isSettled();

    OutageTokens after = one.tally.total();
    assertThat(after.debited() + after.doubtful()).as("%s, %s", before, after).isEqualTo(OTHERS);
    for (int i = 0; i < OTHERS; i++) {
      assertThat(one.remaining("user-" + i)).isEqualTo(19);
    }
  }

  private void spendBefore() {
    for (int i = 0; i < 3; i++) {
      assertThat(one.take("some").source()).isEqualTo(Source.REDIS);
      assertThat(two.take("some").granted()).isTrue();
    }
    assertThat(one.peek("some").remaining()).isEqualTo(14);
    while (one.take("all").granted()) {
      assertThat(one.store.status().mode()).isEqualTo(StoreStatus.Mode.REDIS);
    }
    assertThat(two.take("all").granted()).isFalse();
  }

  /** Both spend what they are granted while Redis is away; returns how much of "some" that is. */
  private long outage() {
    one.isAlone();
    two.isAlone();
    assertThat(one.take("all").granted()).isFalse();
    assertThat(two.take("all").granted()).isFalse();
    long granted = 0;
    for (Gateway gateway : List.of(one, two)) {
      while (gateway.take("some").granted()) {
        granted++;
      }
    }
    assertThat(granted).isBetween(10L, 14L);
    return granted;
  }

  /** One gateway's stores, wired as the engine does. */
  private final class Gateway implements AutoCloseable {

    /** Ten times the default: a machine that is busy with other tests is no outage. */
    private final RedisSettings settings =
        RedisSettings.at(LocalRedis.HOST, redis.port()).with(Duration.ofMillis(250));

    private final LettuceLink link = new LettuceLink(settings, System::nanoTime);
    private final RedisClock clock = new RedisClock(link, Gateway::wall, System::nanoTime);
    private final StoreSettings bounds = new StoreSettings(1_000, 1_000);
    private final RedisBucketStore shared =
        new RedisBucketStore(
            link, "sluice:", bounds, Duration.ofSeconds(2), clock, System::nanoTime);
    private final LiveGateways gateways = new LiveGateways(link, "sluice:", System::nanoTime);
    private final MemoryBucketStore local =
        new MemoryBucketStore(bounds, Gateway::wall, gateways::count, shared);
    private final OutageTally tally = new OutageTally();
    private final OutageStore store =
        new OutageStore(
            shared,
            local,
            new Recovery(local, shared, key -> true, tally),
            link,
            new RedisProbe(link, "sluice:"),
            settings.timeout(),
            System::nanoTime,
            OutageListener.NONE);

    private static long wall() {
      return System.nanoTime() + 1_700_000_000_000_000_000L;
    }

    void start() throws InterruptedException {
      assertThat(store.start().awaitShared(Duration.ofSeconds(20))).isTrue();
    }

    void beat() {
      gateways.beat();
      Eventually.becomes("Redis has answered", () -> !gateways.isWaiting());
    }

    Verdict take(String user) {
      return store.take(List.of(draw(user))).toCompletableFuture().join().get(0);
    }

    Verdict peek(String user) {
      return store.peek(List.of(draw(user))).toCompletableFuture().join().get(0);
    }

    long remaining(String user) {
      return shared.peek(List.of(draw(user))).toCompletableFuture().join().get(0).remaining();
    }

    /** Has it find out that Redis is away, without drawing from a bucket that a test looks at. */
    void isAlone() {
      Eventually.becomes(
          "it decides alone", () -> peek("nobody").source() == Source.LOCAL && !store.asksShared());
    }

    void isShared() {
      Eventually.becomes("it asks Redis", store::asksShared);
    }

    void isSettled() {
      Eventually.becomes(
          "all is settled",
          () -> store.asksShared() && !store.status().settling() && local.size() == 0);
    }

    private Draw draw(String user) {
      return new Draw(new BucketKey("chat", "main", user), LIMIT, 1, OnOutage.LOCAL);
    }

    @Override
    public void close() {
      store.close();
      link.close();
    }
  }
}
