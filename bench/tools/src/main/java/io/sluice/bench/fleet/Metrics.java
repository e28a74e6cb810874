package io.sluice.bench.fleet;

import java.util.Arrays;
import java.util.List;

/**
 * What a gateway says of itself in its metrics, at one moment.
 *
 * @param lines Prometheus' text
 */
public record Metrics(List<String> lines) {

  public Metrics {
    lines = List.copyOf(lines);
  }

  /** Reads Prometheus' text. */
  public static Metrics parse(String text) {
    return new Metrics(Arrays.asList(text.split("\n", -1)));
  }

  /**
   * Returns the sum over the series of a family.
   *
   * @param labels what they must be labelled with, each as {@code name="value"}
   */
  public double sum(String family, String... labels) {
    return lines.stream()
        .filter(line -> isOf(line, family))
        .filter(line -> Arrays.stream(labels).allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Returns whether there is any series of a family. */
  public boolean has(String family) {
    return lines.stream().anyMatch(line -> isOf(line, family));
  }

  private static boolean isOf(String line, String family) {
    return line.startsWith(family + "{") || line.startsWith(family + " ");
  }
}
