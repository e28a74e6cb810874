package io.sluice.metrics;

import com.codahale.metrics.Counter;
import io.sluice.proxy.ClientCut;
import io.sluice.proxy.CutObserver;
import java.util.EnumMap;
import java.util.Map;

/** Counts clients whose request or connection was ended before its time. Thread-safe. */
public final class CutMetrics implements CutObserver {

  private final Map<ClientCut, Counter> counters = new EnumMap<>(ClientCut.class);

  public CutMetrics(Instruments instruments) {
    for (ClientCut cut : ClientCut.values()) {
      counters.put(
          cut,
          instruments.counter(
              MetricName.of("sluice_connections_cut_total").with("reason", Words.of(cut.name())),
              "Clients whose request or connection was ended for being slow or too many."));
    }
  }

  @Override
  public void cut(ClientCut cut) {
    Counter counter = counters.get(cut);
    if (counter != null) {
      counter.inc();
    }
  }
}
