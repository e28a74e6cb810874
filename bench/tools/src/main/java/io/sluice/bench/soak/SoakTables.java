package io.sluice.bench.soak;

import io.sluice.bench.fleet.Rate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What happened in a run, as Markdown. */
final class SoakTables {

  private static final String FAULTS =
      """
      | fault | times | of these one gateway | back after, worst ms | longest request ms | lost again in calm |
      | --- | ---: | ---: | ---: | ---: | ---: |
      """;
  private static final String TRAFFICS =
      """

      | policy | rate | on-outage | requests | 200 | 429 | 503 | failed |
      | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |
      """;
  private static final String LIMITS =
      """

      | limit | admitted | beyond it | of that not by Redis' losses | granted without Redis |
      | --- | ---: | ---: | ---: | ---: |
      """;

  private SoakTables() {}

  static String of(Run run) {
    StringBuilder out = new StringBuilder(4_096).append(FAULTS);
    Map<FaultKind, List<Phase>> byKind = new EnumMap<>(FaultKind.class);
    for (Phase phase : run.phases()) {
      byKind.computeIfAbsent(phase.fault().kind(), kind -> new ArrayList<>()).add(phase);
    }
    byKind.forEach((kind, phases) -> out.append(fault(kind, phases)));
    out.append(TRAFFICS);
    run.ledgers().forEach(ledger -> out.append(traffic(ledger)));
    out.append(LIMITS);
    for (Bound bound : run.bounds()) {
      out.append(
          line(
              "| %s | %d | %d | %d | %d |",
              bound.limit(), bound.admitted(), bound.beyond(), bound.unexplained(), bound.alone()));
    }
    return out.append(arithmetic(run)).toString();
  }

  private static String arithmetic(Run run) {
    return String.format(
        Locale.ROOT,
        """

        A bucket may admit capacity + floor(refill * (elapsed + %d ms) / period) over the run (elapsed: %.1f s), of both
        gateways together. "Beyond it" is what was more, summed over the callers. Each time that Redis loses its data
        (killed, FLUSHALL; %d times) every bucket is full again, which is one capacity more for each caller. What is left must
        not be more than what the gateways say they granted under this limit without Redis.

        """,
        Rate.CLOCKS_APART / 1_000_000,
        run.elapsedNanos() / 1e9,
        run.losses());
  }

  private static String fault(FaultKind kind, List<Phase> phases) {
    long one = phases.stream().filter(phase -> phase.fault().gateway() != Fault.ALL).count();
    return line(
        "| %s | %d | %s | %.0f | %.0f | %d |",
        kind.words(),
        phases.size(),
        kind.isOfTheWay() ? one : "-",
        phases.stream().mapToDouble(phase -> phase.recovery().backMillis()).max().orElse(0),
        phases.stream().mapToDouble(Phase::longestMillis).max().orElse(0),
        phases.stream().mapToInt(phase -> phase.recovery().relapses()).sum());
  }

  private static String traffic(Ledger ledger) {
    Traffic traffic = ledger.traffic();
    Rate all = traffic.everybody();
    return line(
        "| %s | %s%s | %s | %d | %d | %d | %d | %d |",
        traffic.name(),
        traffic.caller().text(),
        all == null ? "" : ", all " + all.text(),
        traffic.onOutage(),
        ledger.all(),
        ledger.allAdmitted(),
        ledger.refused(),
        ledger.unavailable(),
        ledger.failed());
  }

  private static String line(String format, Object... arguments) {
    return String.format(Locale.ROOT, format + "\n", arguments);
  }
}
