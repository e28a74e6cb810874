package io.sluice.bench.soak;

import io.sluice.bench.fleet.Rate;
import java.util.ArrayList;
import java.util.List;

/**
 * All that came of a run.
 *
 * @param elapsedNanos from before the first request until after the last answer, by the clock or by
 *     the wall's, whichever saw more
 * @param lagMillis by how much the driver itself was late at worst
 * @param pressure the share of the time in which some task of this machine waited for a processor
 * @param before what the gateways had counted before it
 * @param after and after it
 * @param growth of each gateway
 */
record Run(
    long elapsedNanos,
    double lagMillis,
    double pressure,
    List<Phase> phases,
    List<Ledger> ledgers,
    Latencies latencies,
    Totals before,
    Totals after,
    List<Growth> growth) {

  /** Returns how often Redis lost its data. */
  long losses() {
    return phases.stream().filter(phase -> phase.fault().kind().losesBuckets()).count();
  }

  /** Returns what the gateways counted meanwhile, summed over the series with these labels. */
  long counted(String family, String... labels) {
    return after.sum(family, labels) - before.sum(family, labels);
  }

  /** Returns what each limit let pass beside what it may. */
  List<Bound> bounds() {
    List<Bound> bounds = new ArrayList<>();
    for (Ledger ledger : ledgers) {
      Traffic traffic = ledger.traffic();
      bounds.add(bound(traffic.name(), "caller", traffic.caller(), ledger.admitted()));
      Rate everybody = traffic.everybody();
      if (everybody != null) {
        long[] all = {ledger.allAdmitted()};
        bounds.add(bound(traffic.name(), "everybody", everybody, all));
      }
    }
    return bounds;
  }

  private Bound bound(String policy, String limit, Rate rate, long[] admitted) {
    long alone = after.grantedAlone(policy, limit) - before.grantedAlone(policy, limit);
    return Bound.of(policy + "/" + limit, rate, admitted, elapsedNanos, losses(), alone);
  }
}
