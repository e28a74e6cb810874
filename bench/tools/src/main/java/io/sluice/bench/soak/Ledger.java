package io.sluice.bench.soak;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one traffic was answered. For one thread until the load is over. */
final class Ledger {

  private static final int MOST_COMPLAINTS = 5;

  private final Traffic traffic;
  private final long[] asked;
  private final long[] admitted;
  private final List<String> complaints = new ArrayList<>();
  private long all;
  private long refused;
  private long unavailable;
  private long failed;

  Ledger(Traffic traffic) {
    this.traffic = traffic;
    this.asked = new long[traffic.callers()];
    this.admitted = new long[traffic.callers()];
  }

  void count(int caller, int status, @Nullable String complaint) {
    all++;
    asked[caller]++;
    admitted[caller] += status == 200 ? 1 : 0;
    refused += status == 429 ? 1 : 0;
    unavailable += status == 503 ? 1 : 0;
    if (complaint != null) {
      failed++;
      if (complaints.size() < MOST_COMPLAINTS) {
        complaints.add(complaint);
      }
    }
  }

  Traffic traffic() {
    return traffic;
  }

  /** Returns the answers 200 of each caller. */
  long[] admitted() {
    return admitted.clone();
  }

  /** Returns how many were answered 200. */
  long allAdmitted() {
    long sum = 0;
    for (long each : admitted) {
      sum += each;
    }
    return sum;
  }

  /**
   * Returns the least share of what they may have that callers were given who asked for twice as
   * much; NaN where nobody did.
   *
   * @param most what each may have
   */
  double leastShare(long most) {
    double least = Double.NaN;
    for (int i = 0; i < asked.length; i++) {
      if (asked[i] >= 2 * most) {
        double share = (double) admitted[i] / most;
        least = Double.isNaN(least) ? share : Math.min(least, share);
      }
    }
    return least;
  }

  /** Returns how many were asked. */
  long all() {
    return all;
  }

  /** Returns how many were answered 429. */
  long refused() {
    return refused;
  }

  /** Returns how many were answered 503. */
  long unavailable() {
    return unavailable;
  }

  /** Returns how many were answered in a way that the policy does not ask for, or not at all. */
  long failed() {
    return failed;
  }

  /** Returns the first few of these. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }
}
