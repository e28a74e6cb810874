package io.sluice.bench.prove;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what clients were admitted with what their limits allow and with what stands in Redis.
 *
 * @param allowed the most that could be admitted in all: the sum of its buckets, at the level that
 *     has the smallest
 * @param overAdmission tokens beyond the bound of their bucket, summed over all buckets
 * @param partialCharges buckets that were charged other than their clients were admitted, and
 *     buckets that nobody should have charged
 * @param problems a sentence for each of these, the first few
 */
record Audit(long allowed, long overAdmission, int partialCharges, List<String> problems) {

  private static final int MOST_PROBLEMS = 10;

  /**
   * Makes one.
   *
   * @param tallies every bucket that may have been charged
   * @param consumed tokens ever taken from each bucket in Redis, by key; those that do not exist
   *     were never taken from
   * @param elapsedNanos from before the first request until after the last answer
   * @param chargeable most requests that may have been charged without being admitted
   */
  static Audit of(
      List<Tally> tallies, Map<String, Long> consumed, long elapsedNanos, long chargeable) {
    Map<String, Long> unexplained = new HashMap<>();
    Map<String, Long> allowed = new HashMap<>();
    Set<String> strangers = new HashSet<>(consumed.keySet());
    List<String> problems = new ArrayList<>();
    long over = 0;
    int partial = 0;
    for (Tally tally : tallies) {
      strangers.remove(tally.key());
      long most = tally.rate().most(elapsedNanos);
      long taken = consumed.getOrDefault(tally.key(), 0L);
      allowed.merge(tally.level(), most, Long::sum);
      long beyond = Math.max(tally.admitted(), taken) - most;
      if (beyond > 0) {
        over += beyond;
        problems.add(
            "%s admitted %d, charged %d, allowed %d"
                .formatted(tally.key(), tally.admitted(), taken, most));
      }
      long more = taken - tally.admitted();
      unexplained.merge(tally.level(), more, Long::sum);
      if (more < 0 || more > Math.min(tally.unknown(), chargeable)) {
        partial++;
        problems.add(
            "%s admitted %d (and %d unknown) but was charged %d"
                .formatted(tally.key(), tally.admitted(), tally.unknown(), taken));
      }
    }
    for (Map.Entry<String, Long> level : unexplained.entrySet()) {
      if (level.getValue() > chargeable && partial == 0) {
        partial++;
        problems.add(
            "level %s was charged %d more than admitted, of which %d are explained"
                .formatted(level.getKey(), level.getValue(), chargeable));
      }
    }
    for (String stranger : strangers) {
      problems.add("%s was charged and belongs to no request".formatted(stranger));
    }
    return new Audit(
        allowed.values().stream().mapToLong(Long::longValue).min().orElse(0),
        over,
        partial + strangers.size(),
        List.copyOf(problems.subList(0, Math.min(MOST_PROBLEMS, problems.size()))));
  }

  /** Returns whether nothing was admitted beyond its limit and every charge is whole. */
  boolean isExact() {
    return overAdmission == 0 && partialCharges == 0;
  }
}
