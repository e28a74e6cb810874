package io.sluice.metrics;

import com.codahale.metrics.Counter;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Policy;
import io.sluice.policy.Policy.Mode;

/** The counters of one limit: granted and refused, each by who answered. Thread-safe. */
final class LimitCounters {

  static final String HELP =
      "Limits asked by requests: one count for each limit of each request; exempt and overloaded"
          + " requests once, with no policy.";

  private static final String FAMILY = "sluice_decisions_total";
  private static final Source[] SOURCES = Source.values();

  private final MetricName[] names = new MetricName[2 * SOURCES.length];
  private final Counter[] counters = new Counter[names.length];

  /** Makes the counters, so that each series begins at zero and not with its first event. */
  LimitCounters(Instruments instruments, Policy policy, String limit) {
    String shadow = policy.mode() == Mode.SHADOW ? "shadow-" : "";
    for (Source source : SOURCES) {
      String from = Words.of(source);
      names[index(true, source)] = name(policy.name(), limit, shadow + "granted", from);
      names[index(false, source)] = name(policy.name(), limit, shadow + "refused", from);
    }
    for (int i = 0; i < names.length; i++) {
      counters[i] = instruments.counter(names[i], HELP);
    }
  }

  static MetricName name(String policy, String limit, String outcome, String source) {
    return MetricName.of(FAMILY)
        .with("policy", policy)
        .with("limit", limit)
        .with("outcome", outcome)
        .with("source", source);
  }

  void count(Verdict verdict) {
    counters[index(verdict.granted(), verdict.source())].inc();
  }

  void forget(Instruments instruments) {
    for (MetricName name : names) {
      instruments.forget(name);
    }
  }

  @SuppressWarnings("EnumOrdinal") // an index into an array of this process only
  private static int index(boolean granted, Source source) {
    return (granted ? 0 : SOURCES.length) + source.ordinal();
  }
}
