package io.sluice.engine;

import io.sluice.limit.BucketStore;
import io.sluice.redis.ClusterLink;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisClock;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import io.sluice.store.LiveGateways;
import io.sluice.store.MemoryBucketStore;
import io.sluice.store.NodeStores;
import io.sluice.store.OutageListener;
import io.sluice.store.OutageStore;
import io.sluice.store.OutageTally;
import io.sluice.store.Recovery;
import io.sluice.store.RedisBucketStore;
import io.sluice.store.RedisProbe;
import io.sluice.store.StoreSettings;
import io.sluice.store.StoreStatus;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The stores that settings ask for, connected, and what ends them. */
final class Stores implements AutoCloseable {

  /** How long a start waits for word of Redis: that it works, or what is wrong with it. */
  private static final Duration FIRST_WORD = Duration.ofSeconds(5);

  /** How long an end waits for debits of the last outage. */
  private static final Duration LAST_DEBITS = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(Stores.class);

  private final BucketStore store;
  private final Supplier<StoreStatus> status;
  private final LongSupplier localBuckets;
  private final Runnable close;

  private Stores(
      BucketStore store, Supplier<StoreStatus> status, LongSupplier localBuckets, Runnable close) {
    this.store = store;
    this.status = status;
    this.localBuckets = localBuckets;
    this.close = close;
  }

  /**
   * Connects, and waits a moment for the first contact so that a gateway does not begin with local
   * buckets beside a healthy Redis.
   *
   * @throws RedisRequiredException when Redis is required and does not work
   */
  static Stores open(
      RedisSettings redis, StoreSettings settings, OutageListener listener, LongSupplier wallNanos)
      throws InterruptedException {
    if (!redis.enabled()) {
      return alone(settings, wallNanos);
    }
    return redis.topology() instanceof RedisTopology.Cluster
        ? cluster(redis, settings, listener, wallNanos)
        : shared(redis, settings, listener, wallNanos);
  }

  private static Stores alone(StoreSettings settings, LongSupplier wallNanos) {
    MemoryBucketStore memory = new MemoryBucketStore(settings, wallNanos);
    return new Stores(memory, StoreStatus::disabled, memory::size, () -> {});
  }

  private static Stores shared(
      RedisSettings redis, StoreSettings settings, OutageListener listener, LongSupplier wallNanos)
      throws InterruptedException {
    LettuceLink link = new LettuceLink(redis, System::nanoTime);
    RedisClock clock = new RedisClock(link, wallNanos, System::nanoTime);
    RedisBucketStore shared =
        new RedisBucketStore(
            link,
            redis.prefix(),
            settings,
            OutageStore.longestWait(redis.timeout()),
            clock,
            System::nanoTime);
    LiveGateways gateways = new LiveGateways(link, redis.prefix(), System::nanoTime);
    MemoryBucketStore local = new MemoryBucketStore(settings, wallNanos, gateways::count, shared);
    OutageStore outage =
        new OutageStore(
            shared,
            local,
            new Recovery(local, shared, key -> true, new OutageTally()),
            link,
            new RedisProbe(link, redis.prefix()),
            redis.timeout(),
            System::nanoTime,
            listener);
    Beats beats = new Beats(clock::sample, gateways, outage::asksShared);
    outage.start();
    Stores stores =
        new Stores(
            outage,
            outage::status,
            local::size,
            () -> {
              beats.close();
              settle(outage::awaitSettled, local);
              outage.close();
              link.close();
            });
    return stores.ready(outage.awaitShared(FIRST_WORD), redis, shared, gateways);
  }

  private static Stores cluster(
      RedisSettings redis, StoreSettings settings, OutageListener listener, LongSupplier wallNanos)
      throws InterruptedException {
    ClusterLink link = new ClusterLink(redis, wallNanos, System::nanoTime);
    RedisBucketStore shared =
        new RedisBucketStore(
            link,
            redis.prefix(),
            settings,
            OutageStore.longestWait(redis.timeout()),
            System::nanoTime);
    LiveGateways gateways = new LiveGateways(link, redis.prefix(), System::nanoTime);
    MemoryBucketStore local = new MemoryBucketStore(settings, wallNanos, gateways::count, shared);
    NodeStores nodes = new NodeStores(link, redis, shared, local, System::nanoTime, listener);
    Beats beats = new Beats(link::sampleClocks, gateways, () -> nodes.asksShared(gateways.key()));
    nodes.start();
    Stores stores =
        new Stores(
            nodes.store(),
            nodes::status,
            local::size,
            () -> {
              beats.close();
              settle(nodes::awaitSettled, local);
              nodes.close();
              link.close();
            });
    return stores.ready(nodes.awaitShared(FIRST_WORD), redis, nodes.store(), gateways);
  }

  private Stores ready(
      boolean works, RedisSettings redis, BucketStore shared, LiveGateways gateways) {
    if (works) {
      gateways.beat();
      WarmUp.of(shared);
    } else if (redis.required()) {
      String problem = status().lastProblem();
      close();
      throw new RedisRequiredException(redis, problem == null ? "it does not answer" : problem);
    }
    return this;
  }

  /** Waits until Redis knows what was spent without it, or says that it never will. */
  private static void settle(Debits debits, MemoryBucketStore local) {
    try {
      if (!debits.awaitSettled(LAST_DEBITS) && local.size() > 0) {
        LOG.warn(
            "ends before Redis could be told what was spent without it (buckets: {});"
                + " they go on as Redis holds them",
            local.size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Debits {

    boolean awaitSettled(Duration longest) throws InterruptedException;
  }

  BucketStore store() {
    return store;
  }

  StoreStatus status() {
    return status.get();
  }

  long localBuckets() {
    return localBuckets.getAsLong();
  }

  @Override
  public void close() {
    close.run();
  }
}
