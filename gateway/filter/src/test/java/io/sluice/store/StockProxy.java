package io.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.github.bucket4j.redis.lettuce.cas.LettuceBasedProxyManager;
import io.lettuce.core.RedisClient;
import io.sluice.fixtures.LocalRedis;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Buckets as Bucket4j itself keeps them in Redis. */
final class StockProxy implements AutoCloseable {

  private final RedisClient client;
  private final LettuceBasedProxyManager<byte[]> buckets;

  StockProxy(int port, LongSupplier epochNanos) {
    this(
        port,
        epochNanos,
        ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofSeconds(10)));
  }

  StockProxy(int port, LongSupplier epochNanos, ExpirationAfterWriteStrategy expiry) {
    this.client = RedisClient.create("redis://" + LocalRedis.HOST + ":" + port);
    this.buckets =
        Bucket4jLettuce.casBasedBuilder(client)
            .expirationAfterWrite(expiry)
            .clientClock(
                new TimeMeter() {
                  @Override
                  public long currentTimeNanos() {
                    return epochNanos.getAsLong();
                  }

                  @Override
                  public boolean isWallClockBased() {
                    return true;
                  }
                })
            .build();
  }

  /** Returns a bucket that refills within an hour where it does not exist yet. */
  BucketProxy bucket(String key, long capacity) {
    BucketConfiguration configuration =
        BucketConfiguration.builder()
            .addLimit(l -> l.capacity(capacity).refillGreedy(capacity, Duration.ofHours(1)))
            .build();
    return bucket(key, configuration);
  }

  /** Returns a bucket of that configuration where it does not exist yet. */
  BucketProxy bucket(String key, BucketConfiguration configuration) {
    return buckets.builder().build(key.getBytes(UTF_8), () -> configuration);
  }

  /** Returns a bucket that takes on the configuration unless it has one of a later version. */
  BucketProxy bucket(String key, BucketConfiguration configuration, long version) {
    return buckets
        .builder()
        .withImplicitConfigurationReplacement(version, TokensInheritanceStrategy.AS_IS)
        .build(key.getBytes(UTF_8), () -> configuration);
  }

  BucketConfiguration configuration(String key) {
    return buckets.getProxyConfiguration(key.getBytes(UTF_8)).orElseThrow();
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }
}
