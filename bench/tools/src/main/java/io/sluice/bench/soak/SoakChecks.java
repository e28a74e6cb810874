package io.sluice.bench.soak;

import java.util.List;
import java.util.Locale;

/**
 * What a run must come to: a line for each check, with its figures, and whether all were passed.
 */
final class SoakChecks {

  private static final double SLOWEST_ANSWER = 1_000;
  private static final double LEAST_SHARE = 0.5;
  private static final double MOST_LOGGED = 1_024;
  private static final double MOST_LAG = 250;
  private static final double MOST_PRESSURE = 0.6;
  private static final double MIB = 1 << 20;

  private final Run run;
  private final StringBuilder out = new StringBuilder(2_048);
  private boolean exact = true;
  private boolean timely = true;

  private SoakChecks(Run run) {
    this.run = run;
  }

  /**
   * What a run came to.
   *
   * @param lines what was checked
   * @param exact whether the checks were passed that no busy machine excuses
   * @param timely whether those of times were
   * @param busy whether the machine was too busy for these
   */
  record Verdict(String lines, boolean exact, boolean timely, boolean busy) {}

  static Verdict of(Run run) {
    SoakChecks checks = new SoakChecks(run);
    checks.answers();
    checks.latency();
    checks.admission();
    checks.shares();
    checks.growth();
    checks.recovery();
    checks.logs();
    boolean busy = run.lagMillis() > MOST_LAG || run.pressure() > MOST_PRESSURE;
    return new Verdict(checks.out.toString(), checks.exact, checks.timely, busy);
  }

  private void answers() {
    long all = 0;
    long failed = 0;
    long unavailable = 0;
    long denied = 0;
    for (Ledger ledger : run.ledgers()) {
      String policy = ledger.traffic().name();
      all += ledger.all();
      failed += ledger.failed();
      unavailable += ledger.unavailable();
      denied += run.after().denied(policy) - run.before().denied(policy);
    }
    exact(
        failed == 0 && unavailable <= denied,
        "%d requests, %d failed; %d times 503, all of the policy that denies, which did so %d times without Redis",
        all,
        failed,
        unavailable,
        denied);
    for (Ledger ledger : run.ledgers()) {
      ledger.complaints().forEach(complaint -> line("  - %s", complaint.strip()));
    }
  }

  private void latency() {
    Latencies all = run.latencies();
    timely(
        all.millis(1) <= SLOWEST_ANSWER,
        "answers after p50 %.2f ms, p99 %.1f ms, p99.9 %.1f ms, worst %.0f ms; at most %.0f ms",
        all.millis(0.5),
        all.millis(0.99),
        all.millis(0.999),
        all.millis(1),
        SLOWEST_ANSWER);
  }

  private void admission() {
    List<Bound> bounds = run.bounds();
    long unexplained = bounds.stream().mapToLong(Bound::unexplained).sum();
    long reported = run.counted("sluice_outage_granted_tokens_total");
    exact(
        bounds.stream().allMatch(Bound::holds) && unexplained <= reported,
        "beyond the limits %d tokens were admitted, %d of them not by Redis' losses; the gateways report that they granted %d without Redis",
        bounds.stream().mapToLong(Bound::beyond).sum(),
        unexplained,
        reported);
    line(
        "- of these they debited %d in Redis afterwards, %d from buckets that had them no more; %d are doubtful; %d forgotten ones were restored",
        run.counted("sluice_outage_debited_tokens_total"),
        run.counted("sluice_outage_overdrawn_tokens_total"),
        run.counted("sluice_outage_doubtful_tokens_total"),
        run.counted("sluice_outage_restored_tokens_total"));
  }

  /** A gateway that refused everything would be calm too. */
  private void shares() {
    for (Ledger ledger : run.ledgers()) {
      Traffic traffic = ledger.traffic();
      double least = ledger.leastShare(traffic.caller().most(run.elapsedNanos()));
      if (traffic.onOutage().equals("local") && !Double.isNaN(least)) {
        exact(
            least >= LEAST_SHARE,
            "%s: of callers who asked for twice their limit, each got %.0f %% of it or more (what Redis lost comes on top); at least %.0f %%",
            traffic.name(),
            100 * least,
            100 * LEAST_SHARE);
      }
    }
  }

  private void growth() {
    for (int i = 0; i < run.growth().size(); i++) {
      Growth growth = run.growth().get(i);
      exact(
          growth.isMeasured() && growth.isFlat(),
          "gateway %d: live heap %.1f MiB, then %.1f; threads %.1f, then %.1f (means of the second and the last quarter, %d samples)",
          i + 1,
          growth.heapBefore() / MIB,
          growth.heapAfter() / MIB,
          growth.threadsBefore(),
          growth.threadsAfter(),
          growth.samples());
    }
  }

  private void recovery() {
    double worst =
        run.phases().stream()
            .mapToDouble(phase -> phase.recovery().backMillis())
            .max()
            .orElse(Double.NaN);
    timely(
        worst <= Schedule.BACK_WITHIN,
        "back with Redis %.0f ms after a fault's end at worst; at most %d ms",
        worst,
        Schedule.BACK_WITHIN);
    line(
        "- %d faults; gateways lost Redis %d times and missed %d deadlines",
        run.phases().size(),
        run.counted("sluice_store_transitions_total", "to=\"local\""),
        run.counted("sluice_store_missed_deadlines_total"));
    line(
        "- the driver itself was late by %.0f ms at worst; some task waited for a processor during %.0f %% of the time",
        run.lagMillis(), 100 * run.pressure());
  }

  private void logs() {
    double seconds = run.elapsedNanos() / 1e9;
    for (int i = 0; i < run.after().logged().size(); i++) {
      double rate = (run.after().logged().get(i) - run.before().logged().get(i)) / seconds;
      exact(
          rate <= MOST_LOGGED,
          "gateway %d logged %.0f octets a second; at most %.0f",
          i + 1,
          rate,
          MOST_LOGGED);
    }
  }

  private void exact(boolean passed, String format, Object... arguments) {
    exact &= passed;
    result(passed, format, arguments);
  }

  private void timely(boolean passed, String format, Object... arguments) {
    timely &= passed;
    result(passed, format, arguments);
  }

  private void result(boolean passed, String format, Object... arguments) {
    line("- " + (passed ? "ok: " : "FAILED: ") + format, arguments);
  }

  private void line(String format, Object... arguments) {
    out.append(String.format(Locale.ROOT, format + "\n", arguments));
  }
}
