package io.sluice.store;

import io.sluice.fixtures.LocalRedis;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisClock;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** A real Redis and the stores on it, each on a link of its own like a gateway. */
final class RedisHouse implements AutoCloseable {

  static final String PREFIX = "sluice:";

  private final LocalRedis redis = LocalRedis.start();
  private final List<LettuceLink> links = new ArrayList<>();

  LocalRedis redis() {
    return redis;
  }

  /** Returns a new link that is up. */
  LettuceLink link() {
    LettuceLink link =
        new LettuceLink(
            RedisSettings.at(LocalRedis.HOST, redis.port()).with(Duration.ofSeconds(2)),
            System::nanoTime);
    links.add(link);
    try {
      if (!link.awaitUp(Duration.ofSeconds(20))) {
        throw new IllegalStateException("Redis did not come up: " + link.lastProblem());
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while waiting for Redis", e);
    }
    return link;
  }

  /** Returns a new store on a link of its own. */
  RedisBucketStore store(LongSupplier epochNanos) {
    return store(link(), epochNanos, System::nanoTime, true);
  }

  /**
   * Returns a new store.
   *
   * @param epochNanos Redis' clock, which the store knows without asking
   */
  static RedisBucketStore store(
      RedisLink link, LongSupplier epochNanos, LongSupplier nanoTime, boolean merging) {
    RedisLink timed = new TimedLink(link, epochNanos);
    return store(timed, new RedisClock(timed, epochNanos, epochNanos), nanoTime, merging);
  }

  static RedisBucketStore store(
      RedisLink link, RedisClock clock, LongSupplier nanoTime, boolean merging) {
    return new RedisBucketStore(
        link,
        PREFIX,
        new StoreSettings(10_000, 10_000),
        Duration.ofSeconds(10),
        clock,
        nanoTime,
        merging);
  }

  @Override
  public void close() {
    links.forEach(LettuceLink::close);
    redis.close();
  }
}
