package io.sluice.bench.soak;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** How long answers took, each kept to the microsecond. For one thread until it is read. */
final class Latencies {

  private int[] micros = new int[1 << 16];
  private int size;

  void add(long nanos) {
    if (size == micros.length) {
      micros = Arrays.copyOf(micros, 2 * size);
    }
    micros[size++] = (int) Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMicros(nanos));
  }

  /**
   * Returns a quantile of all in milliseconds, or NaN where there is none.
   *
   * @param share 0 is the shortest, 1 the longest
   */
  double millis(double share) {
    if (size == 0) {
      return Double.NaN;
    }
    int[] sorted = Arrays.copyOf(micros, size);
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(share * size);
    return sorted[Math.max(0, rank - 1)] / 1e3;
  }
}
