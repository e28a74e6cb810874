package io.sluice.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Makes the gateway's metrics: each is registered in one Dropwizard registry and its family bears a
 * sentence that explains it. Asking again for a name answers the metric that is there. Thread-safe.
 */
public final class Instruments {

  private final MetricRegistry registry;
  private final Map<String, String> help = new ConcurrentHashMap<>();

  public Instruments(MetricRegistry registry) {
    this.registry = registry;
  }

  /** Returns the counter of that name; families of counters end in {@code _total}. */
  public Counter counter(MetricName name, String sentence) {
    describe(name, sentence);
    if (!isTotal(name.family())) {
      throw new IllegalArgumentException("a counter's name ends in _total: " + name);
    }
    return registry.counter(name.toString());
  }

  /** Returns the histogram of durations of that name; their families end in {@code _seconds}. */
  public FixedHistogram durations(MetricName name, String sentence) {
    describe(name, sentence);
    if (!name.family().endsWith("_seconds")) {
      throw new IllegalArgumentException("a duration's name ends in _seconds: " + name);
    }
    // The registry creates kinds of its own only, so a second asker is told by the exception.
    if (registry.getMetrics().get(name.toString()) instanceof FixedHistogram known) {
      return known;
    }
    return registry.register(name.toString(), new FixedHistogram());
  }

  /**
   * Registers a number that is read whenever somebody looks. One whose family ends in {@code
   * _total} is a counter that somebody else keeps.
   */
  public void gauge(MetricName name, String sentence, Supplier<? extends Number> value) {
    describe(name, sentence);
    registry.register(name.toString(), (Gauge<Number>) value::get);
  }

  /** Forgets a series, because what it counted is gone for good. */
  void forget(MetricName name) {
    registry.remove(name.toString());
  }

  /** Returns all metrics by registry name. */
  MetricRegistry registry() {
    return registry;
  }

  /** Returns the sentence that explains a family; empty for one made by others. */
  String help(String family) {
    return help.getOrDefault(family, "");
  }

  static boolean isTotal(String family) {
    return family.endsWith("_total");
  }

  private void describe(MetricName name, String sentence) {
    help.putIfAbsent(name.family(), sentence);
  }
}
