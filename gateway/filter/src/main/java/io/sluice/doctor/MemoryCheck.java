package io.sluice.doctor;

import java.util.ArrayList;
import java.util.List;

/** What becomes of buckets when memory is short. */
final class MemoryCheck implements Check {

  private static final String POLICY = "eviction-policy";
  private static final String USE = "memory-use";
  private static final String BEST = "volatile-ttl";
  private static final double TIGHT = 0.8;
  private static final double FULL = 0.95;

  @Override
  public String group() {
    return "memory";
  }

  @Override
  public List<Finding> look(Patient patient) {
    Vitals vitals = patient.vitals();
    if (!vitals.has("maxmemory")) {
      return List.of();
    }
    long most = vitals.number("maxmemory");
    // What Redis itself holds against the limit: its buffers for replicas do not count.
    long used =
        Math.max(0, vitals.number("used_memory") - vitals.number("mem_not_counted_for_evict"));
    if (most == 0) {
      return List.of(
          Finding.warning(
              "maxmemory",
              "no maxmemory is set; %s used".formatted(Figures.octets(used)),
              "Redis grows until the system ends it, and all buckets with it",
              "set maxmemory (a bucket takes about 250 octets) and maxmemory-policy " + BEST));
    }
    List<Finding> findings = new ArrayList<>();
    String policy = vitals.text("maxmemory_policy");
    long evicted = vitals.number("evicted_keys");
    findings.add(policy(policy, evicted, used, most));
    if (policy.equals("noeviction")) {
      findings.add(room(used, most));
    } else if (policy.equals(BEST) && evicted > 0) {
      findings.add(
          Finding.note(
              "evictions",
              Figures.count(evicted, "key") + " evicted since the server started",
              "buckets nearest to full were forgotten early, which forgives the least",
              "raise maxmemory if this goes on"));
    }
    return findings;
  }

  private static Finding policy(String policy, long evicted, long used, long most) {
    String seen =
        "maxmemory-policy is %s; %s of %s used, %s evicted"
            .formatted(
                policy, Figures.octets(used), Figures.octets(most), Figures.count(evicted, "key"));
    String remedy = "set maxmemory-policy " + BEST + " in redis.conf and by CONFIG SET";
    if (policy.startsWith("allkeys-")) {
      return Finding.error(
          POLICY,
          seen,
          "forgets any bucket when memory is short: whoever it counted has a full limit again",
          remedy);
    }
    if (policy.equals(BEST) || policy.equals("noeviction")) {
      return Finding.ok(POLICY, seen);
    }
    String why =
        "may forget empty buckets before full ones when memory is short; "
            + BEST
            + " forgets those nearest to full first";
    return evicted > 0
        ? Finding.warning(POLICY, seen, why, remedy)
        : Finding.note(POLICY, seen, why, remedy);
  }

  private static Finding room(long used, long most) {
    String seen = Figures.percent(used, most) + " of maxmemory used under noeviction";
    if (used <= most * TIGHT) {
      return Finding.ok(USE, seen);
    }
    String why = "at the limit Redis refuses every write (OOM), which is an outage of all limits";
    String remedy = "raise maxmemory, or set maxmemory-policy " + BEST;
    return used > most * FULL
        ? Finding.error(USE, seen, why, remedy)
        : Finding.warning(USE, seen, why, remedy);
  }
}
