package io.sluice.bench.prove;

import io.sluice.bench.fleet.Fleet;
import io.sluice.bench.fleet.GatewayProcess;
import io.sluice.bench.fleet.Metrics;
import java.io.IOException;

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

  private static final String DECISIONS = "sluice_decisions_total";
  private static final String GRANTED = "outcome=\"granted\"";

  /** Returns what all gateways have counted so far. */
  static GatewayCounts of(Fleet fleet) throws IOException, InterruptedException {
    GatewayCounts all = NONE;
    for (GatewayProcess gateway : fleet.gateways()) {
      all = all.plus(of(gateway.metrics()));
    }
    return all;
  }

  static GatewayCounts of(Metrics metrics) {
    return new GatewayCounts(
        (long) metrics.sum("sluice_store_missed_deadlines_total"),
        (long) metrics.sum("sluice_store_local_decisions_total"),
        (long)
            (metrics.sum(DECISIONS, GRANTED) - metrics.sum(DECISIONS, GRANTED, "source=\"redis\"")),
        (long) metrics.sum(DECISIONS, "outcome=\"overloaded\""));
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
}
