package io.sluice.metrics;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The name of one series: a family and its labels, sorted by label name.
 *
 * <p>{@link #toString} is both the name in the Dropwizard registry, which knows no labels, and the
 * series as the Prometheus text format spells it, for example {@code
 * sluice_decisions_total{limit="main",policy="chat"}}. Label values must come from a bounded set:
 * the registry never forgets a name, so no user, address or path may be one.
 *
 * @param family name shared by all series of a kind; begins with {@code sluice_}
 * @param labels what tells the series of a family apart
 */
public record MetricName(String family, SortedMap<String, String> labels) {

  private static final Pattern FAMILY = Pattern.compile("sluice_[a-z0-9_]+");
  private static final Pattern LABEL = Pattern.compile("[a-z][a-z0-9_]*");

  public MetricName {
    if (!FAMILY.matcher(family).matches()) {
      throw new IllegalArgumentException("not a metric name: " + family);
    }
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    for (String label : labels.keySet()) {
      if (!LABEL.matcher(label).matches() || label.equals("le")) {
        throw new IllegalArgumentException("not a label name: " + label);
      }
    }
  }

  /** Returns the name of a family's only series. */
  public static MetricName of(String family) {
    return new MetricName(family, new TreeMap<>());
  }

  /** Returns this name with one label more. */
  public MetricName with(String label, String value) {
    SortedMap<String, String> more = new TreeMap<>(labels);
    more.put(label, value);
    return new MetricName(family, more);
  }

  /** Returns the series as the text format spells it. */
  @Override
  public String toString() {
    if (labels.isEmpty()) {
      return family;
    }
    StringBuilder out = new StringBuilder(64).append(family).append('{');
    for (Map.Entry<String, String> label : labels.entrySet()) {
      if (out.charAt(out.length() - 1) != '{') {
        out.append(',');
      }
      out.append(label.getKey()).append("=\"").append(escaped(label.getValue())).append('"');
    }
    return out.append('}').toString();
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
