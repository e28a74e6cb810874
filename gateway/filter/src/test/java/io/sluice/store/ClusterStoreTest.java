package io.sluice.store;

import io.sluice.fixtures.LocalCluster;
import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import io.sluice.redis.ClusterLink;
import io.sluice.redis.RedisClock;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisTime;
import io.sluice.redis.SlotLinks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A cluster keeps the promises of every store, with buckets in many slots of two real masters. */
class ClusterStoreTest extends BucketStoreContract {

  private static ClusterHouse house;
  private static ClusterLink link;

  private final ClusterStore store = store(new TimedSlots(link, time));

  @BeforeAll
  static void open() {
    house = new ClusterHouse(2, 0, LocalCluster.STEADY);
    link = house.gateway(Duration.ofSeconds(5)).link();
  }

  @AfterAll
  static void close() {
    house.close();
  }

  @Override
  BucketStore store() {
    return store;
  }

  private static ClusterStore store(SlotLinks slots) {
    RedisBucketStore shared =
        new RedisBucketStore(
            slots,
            ClusterHouse.PREFIX,
            new StoreSettings(10_000, 10_000),
            Duration.ofSeconds(10),
            System::nanoTime);
    Place place = new Healthy(shared);
    return new ClusterStore(
        key -> slots.slotOf(key.inRedis(ClusterHouse.PREFIX)),
        slot -> place,
        shared::certainRefusal,
        shared,
        shared,
        new OutageTally());
  }

  /** Slots whose nodes all have the test's clock. */
  private record TimedSlots(ClusterLink cluster, LongSupplier epochNanos) implements SlotLinks {

    @Override
    public int slotOf(String key) {
      return cluster.slotOf(key);
    }

    @Override
    public RedisLink link(int slot) {
      return new TimedLink(cluster.link(slot), epochNanos);
    }

    @Override
    public RedisTime clock(int slot) {
      return new RedisClock(link(slot), epochNanos, epochNanos);
    }

    @Override
    public String reachable(String key) {
      return cluster.reachable(key);
    }

    @Override
    public RedisLink all() {
      return new TimedLink(cluster.all(), epochNanos);
    }
  }

  /** A place that never has to go without the shared store. */
  private record Healthy(RedisBucketStore shared) implements Place {

    @Override
    public CompletionStage<Void> giveBackShared(BucketKey key, Bandwidth bandwidth, long tokens) {
      return shared.settle(key, bandwidth, -tokens);
    }

    @Override
    public CompletionStage<List<Verdict>> take(List<Draw> draws) {
      return shared.take(draws);
    }

    @Override
    public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
      return shared.peek(draws);
    }

    @Override
    public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
      return shared.settle(key, bandwidth, tokens);
    }

    @Override
    public CompletionStage<Boolean> reset(BucketKey key) {
      return shared.reset(key);
    }
  }
}
