package io.sluice.bench.soak;

import io.sluice.bench.fleet.Rate;

/**
 * What one limit let pass beside what it may.
 *
 * @param limit policy and limit
 * @param admitted answers 200 under it, of all its buckets
 * @param beyond of these, what is more than capacity + refill * elapsed, summed over its buckets
 * @param unexplained of that, what is more than a capacity for each time Redis lost its data
 * @param alone tokens that the gateways say they granted under it without Redis
 */
record Bound(String limit, long admitted, long beyond, long unexplained, long alone) {

  /**
   * Makes one.
   *
   * @param admitted answers 200 of each bucket
   * @param elapsedNanos from before the first request until after the last answer
   * @param losses how often Redis lost its data
   */
  static Bound of(
      String limit, Rate rate, long[] admitted, long elapsedNanos, long losses, long alone) {
    long most = rate.most(elapsedNanos);
    long all = 0;
    long beyond = 0;
    long unexplained = 0;
    for (long each : admitted) {
      all += each;
      beyond += Math.max(0, each - most);
      unexplained += Math.max(0, each - most - losses * rate.tokens());
    }
    return new Bound(limit, all, beyond, unexplained, alone);
  }

  /** Returns whether no more was admitted than limits, losses and outages account for. */
  boolean holds() {
    return unexplained <= alone;
  }
}
