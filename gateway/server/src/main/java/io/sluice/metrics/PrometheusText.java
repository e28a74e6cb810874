package io.sluice.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import java.math.BigDecimal;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the registry in the Prometheus text format, version 0.0.4: families and their series in
 * the order of their names, durations in seconds. Metrics whose registry name is no {@link
 * MetricName} are left out, and so is a gauge that fails to answer. Thread-safe.
 */
public final class PrometheusText {

  /** The media type of the text. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final Logger LOG = LoggerFactory.getLogger(PrometheusText.class);

  private final Instruments instruments;

  public PrometheusText(Instruments instruments) {
    this.instruments = instruments;
  }

  /** Returns the present value of every series. */
  public String render() {
    StringBuilder out = new StringBuilder(32 * 1024);
    families().forEach((family, series) -> family(out, family, series));
    return out.toString();
  }

  /** Groups by family, because series of one family must stand together. */
  private SortedMap<String, SortedMap<String, Metric>> families() {
    SortedMap<String, SortedMap<String, Metric>> families = new TreeMap<>();
    for (Map.Entry<String, Metric> metric : instruments.registry().getMetrics().entrySet()) {
      String name = metric.getKey();
      int brace = name.indexOf('{');
      String family = brace < 0 ? name : name.substring(0, brace);
      if (!instruments.help(family).isEmpty()) {
        families.computeIfAbsent(family, f -> new TreeMap<>()).put(name, metric.getValue());
      }
    }
    return families;
  }

  private void family(StringBuilder out, String family, SortedMap<String, Metric> series) {
    String help = instruments.help(family).replace("\\", "\\\\").replace("\n", "\\n");
    out.append("# HELP ").append(family).append(' ').append(help).append('\n');
    Metric first = series.values().iterator().next();
    out.append("# TYPE ").append(family).append(' ').append(type(family, first)).append('\n');
    for (Map.Entry<String, Metric> one : series.entrySet()) {
      write(out, one.getKey(), one.getValue());
    }
  }

  private static String type(String family, Metric metric) {
    if (metric instanceof FixedHistogram) {
      return "histogram";
    }
    return Instruments.isTotal(family) ? "counter" : "gauge";
  }

  private static void write(StringBuilder out, String name, Metric metric) {
    if (metric instanceof FixedHistogram histogram) {
      histogram(out, name, histogram);
    } else if (metric instanceof Counter counter) {
      out.append(name).append(' ').append(counter.getCount()).append('\n');
    } else if (metric instanceof Gauge<?> gauge) {
      gauge(out, name, gauge);
    }
  }

  private static void gauge(StringBuilder out, String name, Gauge<?> gauge) {
    try {
      if (gauge.getValue() instanceof Number number) {
        out.append(name).append(' ').append(text(number)).append('\n');
      }
    } catch (RuntimeException e) {
      LOG.warn("{} cannot be read and is left out of the metrics: {}", name, e.toString());
    }
  }

  private static void histogram(StringBuilder out, String name, FixedHistogram histogram) {
    int brace = name.indexOf('{');
    String family = brace < 0 ? name : name.substring(0, brace);
    String inner = brace < 0 ? "" : name.substring(brace + 1, name.length() - 1);
    String labels = brace < 0 ? "" : name.substring(brace);
    String prefix = family + "_bucket{" + (inner.isEmpty() ? "" : inner + ",") + "le=\"";
    long[] counts = histogram.cumulative();
    for (int i = 0; i < counts.length; i++) {
      String bound = i == counts.length - 1 ? "+Inf" : seconds(histogram.bound(i));
      out.append(prefix).append(bound).append("\"} ").append(counts[i]).append('\n');
    }
    out.append(family).append("_sum").append(labels).append(' ');
    out.append(seconds(histogram.sumNanos())).append('\n');
    out.append(family).append("_count").append(labels).append(' ');
    out.append(counts[counts.length - 1]).append('\n');
  }

  /** Returns nanoseconds as seconds without loss. */
  private static String seconds(long nanos) {
    return nanos == 0 ? "0" : BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString();
  }

  private static String text(Number number) {
    if (number instanceof Double || number instanceof Float) {
      double value = number.doubleValue();
      if (Double.isInfinite(value)) {
        return value > 0 ? "+Inf" : "-Inf";
      }
      return Double.toString(value); // NaN is spelled alike
    }
    return number.toString();
  }
}
