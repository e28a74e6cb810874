package io.sluice.store;

import io.sluice.fixtures.LocalCluster;
import io.sluice.fixtures.LocalRedis;
import io.sluice.limit.BucketKey;
import io.sluice.redis.ClusterLink;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Gateways' stores on a real cluster, each with links of its own. */
final class ClusterHouse implements AutoCloseable {

  static final String PREFIX = "sluice:";

  private final LocalCluster cluster;
  private final Deque<Gateway> gateways = new ArrayDeque<>();

  ClusterHouse(int masters, int replicasEach, String... directives) {
    this.cluster = LocalCluster.start(masters, replicasEach, directives);
  }

  LocalCluster cluster() {
    return cluster;
  }

  /** What a gateway has. */
  record Gateway(ClusterLink link, MemoryBucketStore local, NodeStores nodes, ClusterStore store) {

    /** Returns a new bucket of the first, second or last master of three, as a cluster begins. */
    BucketKey keyOf(int third) {
      while (true) {
        BucketKey key = BucketStoreContract.key("chat");
        if (nodes.slotOf(key) / (LocalCluster.SLOTS / 3 + 1) == third) {
          return key;
        }
      }
    }
  }

  /** Returns a new gateway that works. */
  Gateway gateway(Duration timeout) {
    Gateway gateway = gatewayThatMayFail(timeout);
    try {
      if (!gateway.nodes.awaitShared(Duration.ofSeconds(20))) {
        throw new IllegalStateException("the cluster did not come up: " + gateway.nodes.status());
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while waiting for the cluster", e);
    }
    return gateway;
  }

  Gateway gatewayThatMayFail(Duration timeout) {
    return gatewayThatMayFail(timeout, RedisLogin.NONE);
  }

  Gateway gatewayThatMayFail(Duration timeout, RedisLogin login) {
    return gatewayThatMayFail(
        timeout,
        login,
        cluster.ports().stream()
            .map(port -> new RedisAddress(LocalRedis.HOST, port))
            .toArray(RedisAddress[]::new));
  }

  Gateway gatewayThatMayFail(Duration timeout, RedisLogin login, RedisAddress... nodes) {
    RedisSettings settings =
        RedisSettings.at(LocalRedis.HOST, 1)
            .with(new RedisTopology.Cluster(List.of(nodes)))
            .with(login)
            .with(timeout);
    return gateway(settings, timeout);
  }

  private Gateway gateway(RedisSettings settings, Duration timeout) {
    ClusterLink link =
        new ClusterLink(settings, () -> System.currentTimeMillis() * 1_000_000, System::nanoTime);
    StoreSettings bounds = new StoreSettings(10_000, 10_000);
    RedisBucketStore shared =
        new RedisBucketStore(
            link, PREFIX, bounds, OutageStore.longestWait(timeout), System::nanoTime);
    MemoryBucketStore local =
        new MemoryBucketStore(
            bounds, () -> System.currentTimeMillis() * 1_000_000, () -> 1, shared);
    NodeStores nodes =
        new NodeStores(link, settings, shared, local, System::nanoTime, OutageListener.NONE)
            .start();
    Gateway gateway = new Gateway(link, local, nodes, nodes.store());
    gateways.push(gateway);
    return gateway;
  }

  @Override
  public void close() {
    while (!gateways.isEmpty()) {
      Gateway gateway = gateways.pop();
      gateway.nodes.close();
      gateway.link.close();
    }
    cluster.close();
  }
}
