package io.sluice.metrics;

import com.codahale.metrics.Metric;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts durations in fixed buckets, so that histograms of several gateways can be added up, which
 * quantiles cannot.
 *
 * <p>Recording takes nanoseconds, allocates nothing and takes no lock. Bounds go from 50
 * microseconds to 10 seconds in steps of 2 to 2.5; a quantile read from them is off by at most that
 * factor. Thread-safe.
 */
public final class FixedHistogram implements Metric {

  private static final long MICROS = 1_000;
  private static final long MILLIS = 1_000_000;
  private static final long[] BOUNDS = {
    50 * MICROS,
    100 * MICROS,
    250 * MICROS,
    500 * MICROS,
    MILLIS,
    2_500 * MICROS,
    5 * MILLIS,
    10 * MILLIS,
    25 * MILLIS,
    50 * MILLIS,
    100 * MILLIS,
    250 * MILLIS,
    500 * MILLIS,
    1_000 * MILLIS,
    2_500 * MILLIS,
    5_000 * MILLIS,
    10_000 * MILLIS
  };

  private final LongAdder[] buckets = new LongAdder[BOUNDS.length + 1];
  private final LongAdder sum = new LongAdder();

  public FixedHistogram() {
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = new LongAdder();
    }
  }

  /**
   * Counts one duration in nanoseconds; a negative one, which no clock should give, counts as 0.
   */
  public void record(long nanos) {
    long duration = Math.max(0, nanos);
    int bucket = 0;
    while (bucket < BOUNDS.length && duration > BOUNDS[bucket]) {
      bucket++;
    }
    buckets[bucket].increment();
    sum.add(duration);
  }

  /** Returns how many buckets there are, the last one without upper bound. */
  int size() {
    return buckets.length;
  }

  /** Returns a bucket's inclusive upper bound in nanoseconds; the last bucket has none. */
  long bound(int bucket) {
    return BOUNDS[bucket];
  }

  /**
   * Returns the durations counted up to each bucket's bound; the last number is that of all, so
   * that both agree in one reading whatever is recorded meanwhile.
   */
  long[] cumulative() {
    long[] counts = new long[buckets.length];
    long total = 0;
    for (int i = 0; i < counts.length; i++) {
      total += buckets[i].sum();
      counts[i] = total;
    }
    return counts;
  }

  /** Returns the sum of all durations in nanoseconds. */
  long sumNanos() {
    return sum.sum();
  }
}
