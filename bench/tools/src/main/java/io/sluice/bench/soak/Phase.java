package io.sluice.bench.soak;

import java.util.concurrent.atomic.AtomicLong;

/** From one fault's beginning to the next one's, as requests saw it. Thread-safe. */
final class Phase {

  private final Fault fault;
  private final AtomicLong longest = new AtomicLong();
  private volatile Recovery recovery = new Recovery(Double.POSITIVE_INFINITY, 0);

  Phase(Fault fault) {
    this.fault = fault;
  }

  Fault fault() {
    return fault;
  }

  /** A request that came in this phase took so long. */
  void took(long nanos) {
    longest.accumulateAndGet(nanos, Math::max);
  }

  double longestMillis() {
    return longest.get() / 1e6;
  }

  void ended(Recovery recovery) {
    this.recovery = recovery;
  }

  Recovery recovery() {
    return recovery;
  }
}
