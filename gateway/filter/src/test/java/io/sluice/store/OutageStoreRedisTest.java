package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LogLines;
import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Policy.OnOutage;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisScript;
import io.sluice.redis.RedisSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The switch over a real link to a real Redis; the store behind it only counts. */
@Timeout(120)
class OutageStoreRedisTest {

  private static final Draw DRAW =
      new Draw(
          new BucketKey("chat", "main", "somebody"),
          Bandwidth.of(10, Duration.ofMinutes(1)),
          1,
          OnOutage.LOCAL);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Ten times the default: a machine that is busy with other tests is no outage. */
  private static final Duration DEADLINE = Duration.ofMillis(250);

  private final LogLines log = new LogLines(OutageStore.class);
  private final LocalRedis redis = LocalRedis.start();
  private final LettuceLink link = new LettuceLink(settings(redis.port()), System::nanoTime);
  private final OutageStore store =
      new OutageStore(
          new Counting(link),
          new FakeStore(Source.LOCAL),
          NothingOwed.recovery(),
          link,
          new RedisProbe(link, "sluice:"),
          DEADLINE,
          System::nanoTime,
          OutageListener.NONE);

  @BeforeEach
  void start() throws InterruptedException {
    assertThat(store.start().awaitShared(PATIENCE)).isTrue();
    assertThat(decide()).isEqualTo(Source.REDIS);
  }

  @AfterEach
  void stop() {
    store.close();
    link.close();
    redis.close();
    log.close();
  }

  @Test
  void decidesHereWhileRedisIsKilledAndThereWithinTwoSecondsOfItsReturn() {
    redis.kill();
    decideUntil(Source.LOCAL);
    assertDecidesAtOnce();

    redis.restart();

    assertThat(decideUntil(Source.REDIS)).isLessThan(TimeUnit.SECONDS.toNanos(2));
    assertThat(log.get())
        .satisfiesExactly(
            start -> assertThat(start).startsWith("INFO limits are counted in redis://127.0.0.1:"),
            away -> assertThat(away).startsWith("ERROR Redis is away: redis://127.0.0.1:"),
            back -> assertThat(back).startsWith("INFO Redis is back after "));
  }

  @Test
  void decidesHereWhileRedisHangsAndThereWithinTwoSecondsOfItsReturn() {
    redis.pause();
    decideUntil(Source.LOCAL);
    assertDecidesAtOnce();

    redis.resume();

    assertThat(decideUntil(Source.REDIS)).isLessThan(TimeUnit.SECONDS.toNanos(2));
    assertThat(log.get()).hasSize(3);
  }

  @Test
  void findsBackFromAHangThatCostTheConnection() {
    redis.pause();
    decideUntil(Source.LOCAL);
    Eventually.becomes(
        "the connection is given up",
        () -> {
          assertThat(decide()).isEqualTo(Source.LOCAL);
          return !link.isUp();
        });

    redis.resume();

    assertThat(decideUntil(Source.REDIS)).isLessThan(TimeUnit.SECONDS.toNanos(2));
    assertThat(log.get()).hasSize(3);
  }

  @Test
  void aRedisWithoutMemoryIsAwayThoughItTellsTheTime() {
    redis.send("CONFIG", "SET", "maxmemory", "1");
    decideUntil(Source.LOCAL);
    for (int i = 0; i < 20; i++) {
      decide();
    }
    assertThat(store.status().breakerOpen()).isTrue();
    assertThat(store.status().lastProblem()).contains("OOM", "raise its maxmemory");

    redis.send("CONFIG", "SET", "maxmemory", "0");

    assertThat(decideUntil(Source.REDIS)).isLessThan(TimeUnit.SECONDS.toNanos(2));
  }

  /** While the breaker is open: no thread in between, so the answer is there at once. */
  private void assertDecidesAtOnce() {
    for (int i = 0; i < 1_000; i++) {
      CompletableFuture<List<Verdict>> answer = store.take(List.of(DRAW)).toCompletableFuture();
      assertThat(answer).isCompletedWithValueMatching(v -> v.get(0).source() == Source.LOCAL);
    }
  }

  /** Returns the nanoseconds it took. */
  private long decideUntil(Source source) {
    return Eventually.becomes(
        "it decides by " + source,
        () -> decide() == source && store.status().breakerOpen() == (source == Source.LOCAL));
  }

  /** Decides once; that it never fails and never waits long is part of every test. */
  private Source decide() {
    long start = System.nanoTime();
    List<Verdict> verdicts = store.take(List.of(DRAW)).toCompletableFuture().join();
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.MILLISECONDS.toNanos(1_000));
    return verdicts.get(0).source();
  }

  private static RedisSettings settings(int port) {
    return RedisSettings.at(LocalRedis.HOST, port).with(DEADLINE);
  }

  /** Counts in Redis what is taken. */
  private static final class Counting implements BucketStore {

    private static final RedisScript INCREMENT =
        new RedisScript("return redis.call('INCR', KEYS[1])");

    private final RedisLink link;

    Counting(RedisLink link) {
      this.link = link;
    }

    @Override
    public CompletionStage<List<Verdict>> take(List<Draw> draws) {
      return link.run(INCREMENT, List.of(new byte[] {'k'}), List.of())
          .thenApply(count -> List.of(new Verdict(true, 1, 1, 0, Source.REDIS)));
    }

    @Override
    public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Boolean> reset(BucketKey key) {
      throw new UnsupportedOperationException();
    }
  }
}
