package io.sluice.bench.prove;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Trials as a Markdown table. */
final class ProofTable {

  private static final String HEAD =
      """
      | scenario | gateways | decisions | admitted | refused | allowed | over-admission | partial charges | missed deadlines | decided without Redis | neither 200 nor 429 | decisions/s | share of each gateway, % | its share of admissions, % |
      | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |
      """;

  private ProofTable() {}

  static String of(List<Trial> trials) {
    StringBuilder out = new StringBuilder(HEAD);
    trials.forEach(trial -> out.append(line(trial)));
    long decisions = trials.stream().mapToLong(trial -> trial.counts().decisions()).sum();
    long admitted = trials.stream().mapToLong(trial -> trial.counts().admitted()).sum();
    long over = trials.stream().mapToLong(trial -> trial.audit().overAdmission()).sum();
    int partial = trials.stream().mapToInt(trial -> trial.audit().partialCharges()).sum();
    long missed = trials.stream().mapToLong(trial -> trial.gateways().missedDeadlines()).sum();
    return out.append(
            String.format(
                Locale.ROOT,
                "%n%,d decisions, %,d admitted, %d over-admitted, %d partial charges,"
                    + " %d missed deadlines.%n",
                decisions,
                admitted,
                over,
                partial,
                missed))
        .toString();
  }

  private static String line(Trial trial) {
    Counts counts = trial.counts();
    long[] all = counts.gateways().all();
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %.0f | %s | %s |%n",
        trial.scenario().name(),
        all.length,
        counts.decisions(),
        counts.admitted(),
        counts.refused(),
        trial.audit().allowed(),
        trial.audit().overAdmission(),
        trial.audit().partialCharges(),
        trial.gateways().missedDeadlines(),
        trial.gateways().local(),
        counts.unknown(),
        trial.perSecond(),
        shares(all),
        shares(counts.gateways().admitted()));
  }

  private static String shares(long[] parts) {
    double sum = Math.max(1, Arrays.stream(parts).sum());
    return Arrays.stream(parts)
        .mapToObj(part -> String.format(Locale.ROOT, "%.0f", 100 * part / sum))
        .collect(Collectors.joining(" "));
  }
}
