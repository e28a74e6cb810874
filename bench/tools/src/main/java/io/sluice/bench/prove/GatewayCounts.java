package io.sluice.bench.prove;

import java.util.Arrays;
import java.util.function.Predicate;

/**
 * What gateways say of themselves in their metrics.
 *
 * @param missedDeadlines decisions that waited for Redis in vain
 * @param local decisions made without Redis because it was away
 * @param grantedElsewhere limits that granted without Redis; the only way past the shared bucket
 * @param overloaded requests refused for want of room, which are certainly not charged: the store
 *     turns them away before they reach a batch, or after their charges were left out of all
 */
record GatewayCounts(long missedDeadlines, long local, long grantedElsewhere, long overloaded) {

  static final GatewayCounts NONE = new GatewayCounts(0, 0, 0, 0);

  /** Reads Prometheus' text. */
  static GatewayCounts parse(String text) {
    return new GatewayCounts(
        sum(text, line -> line.startsWith("sluice_store_missed_deadlines_total")),
        sum(text, line -> line.startsWith("sluice_store_local_decisions_total")),
        sum(
            text,
            line -> isDecision(line, "outcome=\"granted\"") && !line.contains("source=\"redis\"")),
        sum(text, line -> isDecision(line, "outcome=\"overloaded\"")));
  }

  GatewayCounts plus(GatewayCounts other) {
    return new GatewayCounts(
        missedDeadlines + other.missedDeadlines,
        local + other.local,
        grantedElsewhere + other.grantedElsewhere,
        overloaded + other.overloaded);
  }

  GatewayCounts minus(GatewayCounts other) {
    return new GatewayCounts(
        missedDeadlines - other.missedDeadlines,
        local - other.local,
        grantedElsewhere - other.grantedElsewhere,
        overloaded - other.overloaded);
  }

  /** Returns whether Redis decided everything. */
  boolean allByRedis() {
    return missedDeadlines == 0 && local == 0 && grantedElsewhere == 0;
  }

  private static boolean isDecision(String line, String outcome) {
    return line.startsWith("sluice_decisions_total") && line.contains(outcome);
  }

  private static long sum(String text, Predicate<String> wanted) {
    return Arrays.stream(text.split("\n", -1))
        .filter(wanted)
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
