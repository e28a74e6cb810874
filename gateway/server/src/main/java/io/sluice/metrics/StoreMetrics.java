package io.sluice.metrics;

import com.codahale.metrics.Counter;
import io.sluice.store.OutageTokens;
import io.sluice.store.StoreStatus;
import java.util.function.BooleanSupplier;
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
    instruments.gauge(
        MetricName.of("sluice_gateways"),
        "Gateways that live, as last known: among so many limits are divided while Redis is away.",
        () -> status.get().gateways());
    watchOutages(() -> status.get().total(), () -> status.get().settling());
  }

  private void watchOutages(Supplier<OutageTokens> tokens, BooleanSupplier settling) {
    MetricName granted = MetricName.of("sluice_outage_granted_tokens_total");
    String help =
        "Tokens granted without Redis, of all buckets a request draws from: counted by the local"
            + " share, or let through by on-outage = allow. No more can be above the limits.";
    instruments.gauge(granted.with("by", "share"), help, () -> tokens.get().counted());
    instruments.gauge(granted.with("by", "allow"), help, () -> tokens.get().allowed());
    instruments.gauge(
        MetricName.of("sluice_outage_debited_tokens_total"),
        "Tokens spent without Redis and debited there afterwards; what had flowed back is not.",
        () -> tokens.get().debited());
    instruments.gauge(
        MetricName.of("sluice_outage_overdrawn_tokens_total"),
        "Tokens debited from buckets that had them no more: admitted above the limits for certain.",
        () -> tokens.get().overdrawn());
    instruments.gauge(
        MetricName.of("sluice_outage_restored_tokens_total"),
        "Tokens that Redis had forgotten to be spent, and that were taken out again.",
        () -> tokens.get().restored());
    instruments.gauge(
        MetricName.of("sluice_outage_doubtful_tokens_total"),
        "Tokens debited by calls that Redis did not answer; they are not debited again.",
        () -> tokens.get().doubtful());
    instruments.gauge(
        MetricName.of("sluice_outage_unreturned_tokens_total"),
        "Tokens charged in one slot of a cluster for requests that another slot did not grant, and"
            + " not known to have been given back.",
        () -> tokens.get().unreturned());
    instruments.gauge(
        MetricName.of("sluice_outage_settling"),
        "1 while Redis is back and may still be owed what was spent without it.",
        () -> settling.getAsBoolean() ? 1 : 0);
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
