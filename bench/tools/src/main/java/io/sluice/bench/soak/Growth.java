package io.sluice.bench.soak;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Whether a gateway grows: the mean of the run's last quarter beside that of its second one, by
 * when everything has been used once.
 *
 * @param samples how many there were in the two quarters together
 */
record Growth(
    double heapBefore, double heapAfter, double threadsBefore, double threadsAfter, int samples) {

  private static final double MOST_HEAP_SHARE = 0.10;
  private static final double MOST_HEAP = 8 << 20;
  private static final double MOST_THREADS = 5;

  static Growth of(List<Sample> samples) {
    List<Sample> second = between(samples, 0.25, 0.5);
    List<Sample> last = between(samples, 0.75, Double.MAX_VALUE);
    return new Growth(
        mean(second, Sample::heapBytes),
        mean(last, Sample::heapBytes),
        mean(second, Sample::threads),
        mean(last, Sample::threads),
        second.size() + last.size());
  }

  /** Returns whether there are samples of both quarters. */
  boolean isMeasured() {
    return !Double.isNaN(heapBefore) && !Double.isNaN(heapAfter);
  }

  /**
   * Returns whether heap and threads stayed: a tenth or 8 MiB more, and five threads, are noise.
   */
  boolean isFlat() {
    double most = Math.max(MOST_HEAP, MOST_HEAP_SHARE * heapBefore);
    return heapAfter - heapBefore <= most && threadsAfter - threadsBefore <= MOST_THREADS;
  }

  private static List<Sample> between(List<Sample> samples, double from, double to) {
    return samples.stream().filter(each -> each.at() >= from && each.at() < to).toList();
  }

  private static double mean(List<Sample> samples, ToDoubleFunction<Sample> property) {
    return samples.stream().mapToDouble(property).average().orElse(Double.NaN);
  }
}
