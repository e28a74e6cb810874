package io.sluice.metrics;

import com.codahale.metrics.Counter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts what upstreams answer, how long they take, and how they fail. Thread-safe. */
public final class UpstreamMetrics {

  private static final String OTHER = "other";

  private final StatusCounters answers;
  private final FixedHistogram latency;
  private final Map<String, Counter> failures = new HashMap<>();
  private final Counter otherFailures;

  /**
   * Creates metrics.
   *
   * @param kinds the kinds of failure there are; any other is counted as {@code other}
   */
  public UpstreamMetrics(Instruments instruments, List<String> kinds) {
    this.answers =
        new StatusCounters(
            instruments, "sluice_upstream_answers_total", "Answers of upstreams by status class.");
    this.latency =
        instruments.durations(
            MetricName.of("sluice_upstream_seconds"),
            "Time from sending a request to an upstream to the first field of its answer.");
    for (String kind : kinds) {
      failures.put(kind, failure(instruments, kind));
    }
    this.otherFailures = failure(instruments, OTHER);
  }

  /** An upstream began its answer, so many nanoseconds after it was asked. */
  public void answered(int status, long nanos) {
    answers.count(status);
    latency.record(nanos);
  }

  /** An upstream gave no answer, or broke one off. */
  public void failed(String kind) {
    failures.getOrDefault(kind, otherFailures).inc();
  }

  private static Counter failure(Instruments instruments, String kind) {
    return instruments.counter(
        MetricName.of("sluice_upstream_failures_total").with("kind", Words.of(kind)),
        "Requests to upstreams that failed, by kind.");
  }
}
