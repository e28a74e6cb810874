package io.sluice.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Shows how each upstream is doing. The labels are the upstreams' names in the settings; those of
 * upstreams that are gone are forgotten. Thread-safe.
 */
public final class GroupMetrics {

  /**
   * What is known of one upstream, read whenever somebody looks.
   *
   * @param name its name in the settings
   * @param servers how many servers it has
   * @param healthy how many of them are healthy
   * @param open connections open to all of them
   * @param waiting requests that wait for a connection
   * @param retries requests that were sent to a second server
   */
  public record Figures(
      String name,
      Supplier<? extends Number> servers,
      Supplier<? extends Number> healthy,
      Supplier<? extends Number> open,
      Supplier<? extends Number> waiting,
      Supplier<? extends Number> retries) {}

  private final Instruments instruments;
  private final List<MetricName> shown = new ArrayList<>();

  public GroupMetrics(Instruments instruments) {
    this.instruments = instruments;
  }

  /** Shows these upstreams and no others. */
  public synchronized void adopt(List<Figures> upstreams) {
    shown.forEach(instruments::forget);
    shown.clear();
    for (Figures each : upstreams) {
      String name = each.name();
      show("sluice_upstream_servers", name, "Servers of an upstream.", each.servers());
      show(
          "sluice_upstream_healthy_servers",
          name,
          "Servers of an upstream that are healthy; with none of them all are used.",
          each.healthy());
      show("sluice_upstream_connections", name, "Connections open to an upstream.", each.open());
      show(
          "sluice_upstream_waiting",
          name,
          "Requests that wait for a connection to an upstream.",
          each.waiting());
      show(
          "sluice_upstream_retries_total",
          name,
          "Requests that were sent to a second server of an upstream.",
          each.retries());
    }
  }

  private void show(
      String family, String upstream, String sentence, Supplier<? extends Number> value) {
    MetricName name = MetricName.of(family).with("upstream", upstream);
    instruments.gauge(name, sentence, value);
    shown.add(name);
  }
}
