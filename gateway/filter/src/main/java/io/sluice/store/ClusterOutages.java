package io.sluice.store;

import io.sluice.redis.ClusterLink;
import io.sluice.redis.ClusterNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one outage of those of the nodes: it begins when the first is away and ends when none that
 * serves slots is away any more. Has the tally of the whole cluster begin with it, and tells the
 * cluster's link which nodes do not work. Thread-safe.
 */
final class ClusterOutages {

  private static final Logger LOG = LoggerFactory.getLogger(OutageStore.class);

  private final ClusterLink cluster;
  private final OutageTally tally;
  private final OutageListener listener;
  private final LongSupplier nanoTime;
  private final Set<ClusterNode> away = new HashSet<>();
  private long since;
  private long decisions;

  ClusterOutages(
      ClusterLink cluster, OutageTally tally, OutageListener listener, LongSupplier nanoTime) {
    this.cluster = cluster;
    this.tally = tally;
    this.listener = listener;
    this.nanoTime = nanoTime;
    this.since = nanoTime.getAsLong();
  }

  /** Returns how long it has been so that a node was away, or that none was. */
  synchronized Duration since() {
    return Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - since));
  }

  /** Returns what hears of the outages of one node. */
  OutageListener of(ClusterNode node) {
    return new OutageListener() {
      @Override
      public void outage(String cause) {
        cluster.suspect(node, true);
        began(node, cause);
      }

      @Override
      public void recovery(Duration lasted, long localDecisions) {
        cluster.suspect(node, false);
        ended(node, localDecisions);
      }
    };
  }

  /** A node serves no slots any more, so it is nobody's loss. */
  void forget(ClusterNode node) {
    if (ended(node, 0)) {
      LOG.info("{} is away still, but serves no slots any more", node);
    }
  }

  private synchronized void began(ClusterNode node, String cause) {
    if (!cluster.isServing(node)) {
      return; // It rests, and went away then.
    }
    if (away.isEmpty()) {
      since = nanoTime.getAsLong();
      decisions = 0;
      tally.begin();
      listener.outage(cause);
    }
    away.add(node);
  }

  private synchronized boolean ended(ClusterNode node, long localDecisions) {
    if (!away.remove(node)) {
      return false;
    }
    decisions += localDecisions;
    if (away.isEmpty()) {
      long now = nanoTime.getAsLong();
      listener.recovery(Duration.ofNanos(now - since), decisions);
      since = now;
    }
    return true;
  }
}
