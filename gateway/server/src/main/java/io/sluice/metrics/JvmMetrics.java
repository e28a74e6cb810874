package io.sluice.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricSet;
import com.codahale.metrics.jvm.BufferPoolMetricSet;
import com.codahale.metrics.jvm.CachedThreadStatesGaugeSet;
import com.codahale.metrics.jvm.GarbageCollectorMetricSet;
import com.codahale.metrics.jvm.MemoryUsageGaugeSet;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Shows the state of the Java process: memory, collections, threads, buffers. */
public final class JvmMetrics {

  private static final Set<String> AREAS = Set.of("heap", "non-heap");
  private static final Set<String> SIZES = Set.of("used", "committed", "max");
  private static final Set<String> PARTS = Set.of("used", "capacity");
  private static final Set<String> STATES =
      Set.of("new", "runnable", "blocked", "waiting", "timed_waiting", "terminated");

  private final Instruments instruments;

  private JvmMetrics(Instruments instruments) {
    this.instruments = instruments;
  }

  /**
   * Registers everything. Thread states are read at most every five seconds, because looking at all
   * stacks stops the process.
   */
  public static void register(Instruments instruments) {
    JvmMetrics metrics = new JvmMetrics(instruments);
    metrics.each(new MemoryUsageGaugeSet(), metrics::memory);
    metrics.each(new GarbageCollectorMetricSet(), metrics::collections);
    metrics.each(new CachedThreadStatesGaugeSet(5, TimeUnit.SECONDS), metrics::threads);
    metrics.each(
        new BufferPoolMetricSet(ManagementFactory.getPlatformMBeanServer()), metrics::buffers);
    instruments.gauge(
        MetricName.of("sluice_process_start_timestamp_seconds"),
        "When the process began, Unix time.",
        () -> ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0);
  }

  /** Takes one gauge of a set: the name's part before the last dot, the part after, the value. */
  private interface Taker {
    void take(String subject, String property, Supplier<Number> value);
  }

  private void each(MetricSet set, Taker taker) {
    for (Map.Entry<String, Metric> metric : set.getMetrics().entrySet()) {
      String name = metric.getKey();
      int dot = name.lastIndexOf('.');
      if (dot > 0 && metric.getValue() instanceof Gauge<?> gauge) {
        taker.take(name.substring(0, dot), name.substring(dot + 1), () -> number(gauge));
      }
    }
  }

  private static Number number(Gauge<?> gauge) {
    return gauge.getValue() instanceof Number number ? number : Double.NaN;
  }

  private void memory(String area, String size, Supplier<Number> value) {
    if (AREAS.contains(area) && SIZES.contains(size)) {
      instruments.gauge(
          MetricName.of("sluice_jvm_memory_bytes").with("area", area).with("size", size),
          "Memory of the Java process; -1 where there is no maximum.",
          value);
    }
  }

  private void collections(String collector, String property, Supplier<Number> value) {
    String name = collector.toLowerCase(Locale.ROOT);
    if (property.equals("count")) {
      instruments.gauge(
          MetricName.of("sluice_jvm_gc_collections_total").with("collector", name),
          "Garbage collections.",
          value);
    } else if (property.equals("time")) {
      instruments.gauge(
          MetricName.of("sluice_jvm_gc_seconds_total").with("collector", name),
          "Time spent collecting garbage.",
          () -> value.get().longValue() / 1000.0);
    }
  }

  private void threads(String state, String property, Supplier<Number> value) {
    if (property.equals("count") && STATES.contains(state)) {
      instruments.gauge(
          MetricName.of("sluice_jvm_threads").with("state", state.replace('_', '-')),
          "Threads by state.",
          value);
    }
  }

  private void buffers(String pool, String property, Supplier<Number> value) {
    if (PARTS.contains(property)) {
      instruments.gauge(
          MetricName.of("sluice_jvm_buffer_bytes").with("pool", pool).with("size", property),
          "Memory of buffers outside the heap.",
          value);
    }
  }
}
