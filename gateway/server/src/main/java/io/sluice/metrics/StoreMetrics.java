package io.sluice.metrics;

import com.codahale.metrics.Counter;
import io.sluice.store.StoreStatus;
import java.util.function.Supplier;

/** Counts how the shared store fares: outages, deadlines missed, local decisions. Thread-safe. */
public final class StoreMetrics {

  private final Instruments instruments;
  private final Counter outages;
  private final Counter recoveries;

  public StoreMetrics(Instruments instruments) {
    this.instruments = instruments;
    MetricName turns = MetricName.of("sluice_store_transitions_total");
    String help = "Turns between Redis and the local buckets, by where to.";
    this.outages = instruments.counter(turns.with("to", "local"), help);
    this.recoveries = instruments.counter(turns.with("to", "redis"), help);
  }

  /** Shows the state of the store, read whenever somebody looks. */
  public void watch(Supplier<StoreStatus> status) {
    for (StoreStatus.Mode mode : StoreStatus.Mode.values()) {
      instruments.gauge(
          MetricName.of("sluice_store_mode").with("mode", Words.of(mode)),
          "1 for where limits are counted now: redis, local while Redis is away, disabled by"
              + " choice.",
          () -> status.get().mode() == mode ? 1 : 0);
    }
    instruments.gauge(
        MetricName.of("sluice_store_breaker_open"),
        "1 while the breaker is open: Redis is not asked, though it should be.",
        () -> status.get().breakerOpen() ? 1 : 0);
    instruments.gauge(
        MetricName.of("sluice_store_connected"),
        "1 while there is a connection to Redis.",
        () -> status.get().connected() ? 1 : 0);
    instruments.gauge(
        MetricName.of("sluice_store_missed_deadlines_total"),
        "Decisions that waited for Redis in vain and were made locally then.",
        () -> status.get().missedDeadlines());
    instruments.gauge(
        MetricName.of("sluice_store_local_decisions_total"),
        "Decisions made without Redis because it was away.",
        () -> status.get().localDecisions());
  }

  /** Shows how many buckets this process holds. */
  public void watchLocalBuckets(Supplier<? extends Number> buckets) {
    instruments.gauge(
        MetricName.of("sluice_store_local_buckets"), "Buckets held in this process.", buckets);
  }

  /** Redis is away from now on. */
  public void outage() {
    outages.inc();
  }

  /** Redis is back. */
  public void recovery() {
    recoveries.inc();
  }
}
