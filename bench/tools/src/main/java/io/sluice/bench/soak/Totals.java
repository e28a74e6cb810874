package io.sluice.bench.soak;

import io.sluice.bench.fleet.GatewayProcess;
import io.sluice.bench.fleet.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * What all gateways have counted up to a moment, and how much each has logged.
 *
 * @param metrics of each gateway
 * @param logged octets, of each gateway
 */
record Totals(List<Metrics> metrics, List<Long> logged) {

  static Totals of(List<GatewayProcess> gateways) throws IOException, InterruptedException {
    List<Metrics> metrics = new ArrayList<>();
    List<Long> logged = new ArrayList<>();
    for (GatewayProcess gateway : gateways) {
      metrics.add(gateway.metrics());
      logged.add(Files.size(gateway.log()));
    }
    return new Totals(metrics, logged);
  }

  /** Returns the sum over all gateways of the series of a family that have these labels. */
  long sum(String family, String... labels) {
    return Math.round(metrics.stream().mapToDouble(each -> each.sum(family, labels)).sum());
  }

  /** Returns tokens granted under a limit without Redis: counted locally, or let pass. */
  long grantedAlone(String policy, String limit) {
    return decisions(policy, limit, "granted") - decisions(policy, limit, "granted", "redis");
  }

  /** Returns requests refused because a policy says so while Redis is away. */
  long denied(String policy) {
    return decisions(policy, "caller", "refused", "none");
  }

  private long decisions(String policy, String limit, String outcome, String... source) {
    List<String> labels = new ArrayList<>();
    labels.add("policy=\"" + policy + '"');
    labels.add("limit=\"" + limit + '"');
    labels.add("outcome=\"" + outcome + '"');
    for (String each : source) {
      labels.add("source=\"" + each + '"');
    }
    return sum("sluice_decisions_total", labels.toArray(new String[0]));
  }
}
