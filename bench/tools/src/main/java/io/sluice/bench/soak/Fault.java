package io.sluice.bench.soak;

/**
 * One fault as it is planned.
 *
 * @param gateway the only one that it befalls, or {@link #ALL}
 * @param millis how long it lasts; 0 where it is over in an instant
 * @param calmMillis how long nothing happens after it, at least
 */
record Fault(FaultKind kind, int gateway, long millis, long calmMillis) {

  /** It befalls all gateways. */
  static final int ALL = -1;

  /** Returns what a table calls it. */
  String words() {
    return kind.words() + (gateway == ALL ? "" : ", one gateway");
  }
}
