package io.sluice.metrics;

import com.codahale.metrics.Counter;

/** Counts reloads, and shows whether the last one failed and the old book stayed. Thread-safe. */
public final class ReloadMetrics {

  private static final MetricName RELOADS = MetricName.of("sluice_reloads_total");
  private static final String HELP = "Reloads of the policies, by outcome.";

  private final Counter succeeded;
  private final Counter failed;
  private volatile boolean broken;
  private volatile long lastSuccessMillis;

  /**
   * Creates metrics.
   *
   * @param startMillis when the first book was loaded, Unix time in milliseconds
   */
  public ReloadMetrics(Instruments instruments, long startMillis) {
    this.lastSuccessMillis = startMillis;
    this.succeeded = instruments.counter(RELOADS.with("outcome", "ok"), HELP);
    this.failed = instruments.counter(RELOADS.with("outcome", "failed"), HELP);
    instruments.gauge(
        MetricName.of("sluice_config_reload_failed"),
        "1 while the files on disk have an error and an older book stays in force.",
        () -> broken ? 1 : 0);
    instruments.gauge(
        MetricName.of("sluice_config_last_success_timestamp_seconds"),
        "When the book in force was loaded, Unix time.",
        () -> lastSuccessMillis / 1000.0);
  }

  /** A new book is in force since this Unix time in milliseconds. */
  public void succeeded(long epochMillis) {
    succeeded.inc();
    broken = false;
    lastSuccessMillis = epochMillis;
  }

  /** A reload failed; the old book stays. */
  public void failed() {
    failed.inc();
    broken = true;
  }
}
