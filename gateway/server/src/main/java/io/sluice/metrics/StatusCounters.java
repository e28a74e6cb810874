package io.sluice.metrics;

import com.codahale.metrics.Counter;

/** Counts answers by status class; a status that is none of 1xx to 5xx is {@code none}. */
final class StatusCounters {

  private static final String[] CLASSES = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

  private final Counter[] counters = new Counter[CLASSES.length];

  StatusCounters(Instruments instruments, String family, String help) {
    for (int i = 0; i < CLASSES.length; i++) {
      counters[i] = instruments.counter(MetricName.of(family).with("status", CLASSES[i]), help);
    }
  }

  void count(int status) {
    int index = status / 100;
    counters[index >= 1 && index <= 5 ? index : 0].inc();
  }
}
