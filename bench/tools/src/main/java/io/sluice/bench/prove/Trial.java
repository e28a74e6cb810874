package io.sluice.bench.prove;

import io.sluice.bench.fleet.Fleet;
import java.io.IOException;

/**
 * One scenario as it went.
 *
 * @param elapsedNanos from before the first request until after the last answer, by Redis' clock or
 *     by this machine's, whichever saw more
 * @param gateways what the gateways counted meanwhile
 */
record Trial(
    Scenario scenario, Counts counts, long elapsedNanos, GatewayCounts gateways, Audit audit) {

  /** Sends the requests, waits for all answers, and looks into Redis at once. */
  static Trial run(
      Scenario scenario, Fleet fleet, Buckets buckets, int connections, long mostSeconds)
      throws IOException, InterruptedException {
    GatewayCounts before = GatewayCounts.of(fleet);
    long redisStart = buckets.epochNanos();
    long start = System.nanoTime();
    Counts counts = Load.run(scenario, fleet.addresses(), connections, mostSeconds);
    long here = System.nanoTime() - start;
    long elapsed = Math.max(here, buckets.epochNanos() - redisStart);
    GatewayCounts meanwhile = GatewayCounts.of(fleet).minus(before);
    // A 503 was charged only where a call to Redis was under way that nobody waited for.
    long chargeable = counts.unknown() - counts.unavailable() + meanwhile.missedDeadlines();
    Audit audit =
        Audit.of(
            scenario.tallies(counts), buckets.consumed(scenario.keyPrefix()), elapsed, chargeable);
    return new Trial(scenario, counts, elapsed, meanwhile, audit);
  }

  /** Returns requests answered in a second. */
  double perSecond() {
    return counts.decisions() * 1e9 / elapsedNanos;
  }
}
