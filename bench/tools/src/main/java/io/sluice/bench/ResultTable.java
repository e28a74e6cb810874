package io.sluice.bench;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** The results of a run as Markdown: each with its error, then the bar that a lookup must meet. */
final class ResultTable {

  private static final String LOOKUP = "PolicyLookupBenchmark.covering";
  private static final double FLAT = 2.0;

  /** One line: a benchmark with its parameters, and what its iterations measured. */
  record Line(String name, double score, double error, double median, String unit) {}

  private ResultTable() {}

  static String of(Collection<RunResult> results) {
    return of(results.stream().map(ResultTable::line).toList());
  }

  static String of(List<Line> lines) {
    StringBuilder out = new StringBuilder(1_024);
    out.append(
        "| benchmark | median | mean | its error (99.9 %) | unit |\n| --- | ---: | ---: | ---: | --- |\n");
    for (Line line : lines) {
      out.append(
          String.format(
              Locale.ROOT,
              "| %s | %.1f | %.1f | ±%.1f | %s |%n",
              line.name,
              line.median,
              line.score,
              line.error,
              line.unit));
    }
    return out.append(bar(lines)).toString();
  }

  /**
   * Compares the medians of the dearest and the cheapest book; empty where there are not several.
   */
  private static String bar(List<Line> lines) {
    List<Line> lookups =
        lines.stream()
            .filter(line -> line.name.startsWith(LOOKUP))
            .sorted(Comparator.comparingDouble(Line::median))
            .toList();
    if (lookups.size() < 2) {
      return "";
    }
    double ratio = lookups.get(lookups.size() - 1).median / lookups.get(0).median;
    return String.format(
        Locale.ROOT,
        "%nPolicy lookup, dearest book / cheapest, medians: %.2f (bar: at most %.0f): %s%n",
        ratio,
        FLAT,
        ratio <= FLAT ? "reached" : "missed");
  }

  private static Line line(RunResult result) {
    BenchmarkParams params = result.getParams();
    Result<?> score = result.getPrimaryResult();
    String name = params.getBenchmark().replaceFirst(".*\\.(?=[^.]*\\.[^.]*$)", "");
    String of =
        params.getParamsKeys().stream()
            .map(key -> params.getParam(key) + " " + key)
            .collect(Collectors.joining(", "));
    return new Line(
        of.isEmpty() ? name : name + ", " + of,
        score.getScore(),
        score.getScoreError(),
        score.getStatistics().getPercentile(50),
        score.getScoreUnit());
  }
}
