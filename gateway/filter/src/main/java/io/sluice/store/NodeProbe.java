package io.sluice.store;

import io.sluice.redis.ClusterLink;
import io.sluice.redis.ClusterNode;
import io.sluice.redis.RedisUnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Asks whether one node of a cluster would carry out what decisions need, by a key in a slot that
 * it serves at the time. Where the slot has just been moved its new owner may answer: that closes
 * no gap, but requests find their way as the probe did. Thread-safe.
 */
final class NodeProbe implements Supplier<CompletionStage<Object>> {

  /** Enough to hit a single slot of 16384 in all but one of a thousand million cases. */
  private static final int MOST_TAGS = 350_000;

  private final ClusterLink cluster;
  private final ClusterNode node;
  private final String prefix;
  private volatile String tag = "";

  NodeProbe(ClusterLink cluster, ClusterNode node, String prefix) {
    this.cluster = cluster;
    this.node = node;
    this.prefix = prefix;
  }

  @Override
  public CompletionStage<Object> get() {
    if (!isServed(tag)) {
      if (!cluster.isServing(node)) {
        return failed(node + " serves no slots any more");
      }
      if (!findTag()) {
        return failed("no key was found for the slots of " + node);
      }
    }
    return new RedisProbe(cluster.link(slot(tag)), prefix, tag).get();
  }

  private boolean findTag() {
    for (int i = 0; i < MOST_TAGS; i++) {
      String name = "{" + i + '}';
      if (isServed(name)) {
        tag = name;
        return true;
      }
    }
    return false;
  }

  private boolean isServed(String name) {
    return node.equals(cluster.owner(slot(name)));
  }

  private int slot(String name) {
    return cluster.slotOf(prefix + RedisProbe.KEY + name);
  }

  private static CompletionStage<Object> failed(String why) {
    return CompletableFuture.failedFuture(new RedisUnavailableException(why, null));
  }
}
