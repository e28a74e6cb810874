package io.sluice.metrics;

import java.util.function.IntSupplier;

/**
 * Shows the state of the HTTP server through numbers that its owner hands in, so that this package
 * knows no server.
 */
public final class ServerMetrics {

  private final Instruments instruments;

  public ServerMetrics(Instruments instruments) {
    this.instruments = instruments;
  }

  /**
   * Shows a thread pool.
   *
   * @param pool names it; from a fixed set
   */
  public void watchThreads(
      String pool, IntSupplier busy, IntSupplier idle, IntSupplier max, IntSupplier queued) {
    threads(pool, "busy", busy);
    threads(pool, "idle", idle);
    threads(pool, "max", max);
    instruments.gauge(
        MetricName.of("sluice_server_queued_tasks").with("pool", pool),
        "Tasks that wait for a thread of the server.",
        queued::getAsInt);
  }

  /**
   * Shows the open connections of a listener.
   *
   * @param listener names it; from a fixed set
   */
  public void watchConnections(String listener, IntSupplier open) {
    instruments.gauge(
        MetricName.of("sluice_server_connections").with("listener", listener),
        "Connections open.",
        open::getAsInt);
  }

  private void threads(String pool, String state, IntSupplier count) {
    instruments.gauge(
        MetricName.of("sluice_server_threads").with("pool", pool).with("state", state),
        "Threads of the server, and the most it may have.",
        count::getAsInt);
  }
}
