package io.sluice.store;

import io.sluice.redis.ClusterLink;
import io.sluice.store.StoreStatus.Mode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sums up how the nodes of a cluster fare. For one use. */
final class ClusterStatus {

  private final ClusterLink cluster;
  private final Duration since;
  private final OutageTally tally;
  private long missedDeadlines;
  private long localDecisions;

  /**
   * Creates a sum.
   *
   * @param since how long it has been as it is
   * @param missedDeadlines of those that are nodes no more
   * @param localDecisions of those, and those that were no node's
   * @param tally tokens spent and settled, for all nodes
   */
  ClusterStatus(
      ClusterLink cluster,
      Duration since,
      long missedDeadlines,
      long localDecisions,
      OutageTally tally) {
    this.cluster = cluster;
    this.since = since;
    this.missedDeadlines = missedDeadlines;
    this.localDecisions = localDecisions;
    this.tally = tally;
  }

  /**
   * Returns the sum.
   *
   * @param serving how those fare that serve slots
   * @param resting how those fare that serve none, and may again
   */
  StoreStatus of(List<StoreStatus> serving, List<StoreStatus> resting) {
    serving.forEach(this::count);
    resting.forEach(this::count);
    List<String> away = new ArrayList<>();
    for (StoreStatus node : serving) {
      if (node.breakerOpen()) {
        away.add(named(node));
      }
    }
    int unserved = cluster.unserved();
    Mode mode =
        serving.size() == away.size()
            ? Mode.LOCAL
            : away.isEmpty() && unserved == 0 ? Mode.REDIS : Mode.PARTLY;
    return new StoreStatus(
        mode,
        cluster.target(),
        !serving.isEmpty() && serving.stream().allMatch(StoreStatus::connected),
        since,
        problem(serving.size(), away, unserved),
        missedDeadlines,
        localDecisions,
        serving.stream().mapToInt(StoreStatus::gateways).max().orElse(1),
        tally.total(),
        tally.last(),
        serving.stream().anyMatch(StoreStatus::settling));
  }

  private static String named(StoreStatus node) {
    String target = String.valueOf(node.target());
    String problem = node.lastProblem();
    if (problem == null) {
      return target + " is new";
    }
    return problem.contains(target) ? problem : target + ": " + problem;
  }

  private void count(StoreStatus node) {
    missedDeadlines += node.missedDeadlines();
    localDecisions += node.localDecisions();
  }

  private @Nullable String problem(int masters, List<String> away, int unserved) {
    if (masters == 0) {
      return cluster.problem().orElse(null);
    }
    List<String> parts = new ArrayList<>();
    if (!away.isEmpty()) {
      parts.add(
          "%d of %d masters away: %s".formatted(away.size(), masters, String.join("; ", away)));
    }
    if (unserved > 0) {
      parts.add(
          "%d slots are served by no node; assign them (CLUSTER ADDSLOTS)".formatted(unserved));
    }
    return parts.isEmpty() ? null : String.join("; ", parts);
  }
}
