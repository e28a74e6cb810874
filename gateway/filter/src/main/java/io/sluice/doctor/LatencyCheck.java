package io.sluice.doctor;

import io.sluice.redis.RedisScript;
import io.sluice.redis.Reply;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/** How long decisions wait: round trips of a script like theirs, against redis.timeout. */
final class LatencyCheck implements Check {

  private static final String TRIP = "round-trip";
  private static final int WARM_UP = 50;
  private static final int ROUNDS = 200;
  private static final long LONGEST = Duration.ofSeconds(10).toNanos();

  /** What a decision over three buckets costs Redis: the time, a look, three writes. */
  private static final RedisScript SCRIPT =
      new RedisScript(
          """
          redis.call('TIME')
          redis.call('MGET', KEYS[1], KEYS[2], KEYS[3])
          for i = 1, 3 do redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2]) end
          return {}
          """);

  private static final String STATE = "s".repeat(90);

  private final LongSupplier nanoTime;

  LatencyCheck(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  @Override
  public String group() {
    return "latency";
  }

  @Override
  public List<Finding> look(Patient patient) {
    long[] trips = measure(patient);
    return trips.length == 0 ? List.of() : List.of(judge(trips, patient.settings().timeout()));
  }

  /** Returns sorted round trips in nanoseconds; none where Redis refuses the script. */
  private long[] measure(Patient patient) {
    String[] keys = {patient.probe("a"), patient.probe("b"), patient.probe("c")};
    if (!call(patient, "EVAL", SCRIPT.text(), keys).isGranted()) {
      return new long[0];
    }
    long[] trips = new long[ROUNDS];
    long start = nanoTime.getAsLong();
    int taken = 0;
    for (int i = -WARM_UP; i < ROUNDS && nanoTime.getAsLong() - start < LONGEST; i++) {
      long sent = nanoTime.getAsLong();
      if (!call(patient, "EVALSHA", SCRIPT.digest(), keys).isGranted()) {
        return new long[0];
      }
      // The first ones load classes. Where they alone take too long, they tell enough.
      trips[Math.max(0, i)] = nanoTime.getAsLong() - sent;
      taken = Math.max(0, i) + 1;
    }
    long[] sorted = Arrays.copyOf(trips, taken);
    Arrays.sort(sorted);
    return sorted;
  }

  private static Reply call(Patient patient, String verb, String script, String[] keys) {
    return patient
        .gateway()
        .ask(verb, script, "3", keys[0], keys[1], keys[2], STATE, Patient.PROBE_MILLIS);
  }

  private static Finding judge(long[] trips, Duration timeout) {
    long p99 = at(trips, 99);
    String seen =
        "%s of a script: p50 %s, p99 %s; redis.timeout is %d ms"
            .formatted(
                Figures.count(trips.length, "round trip"),
                Figures.millis(at(trips, 50)),
                Figures.millis(p99),
                timeout.toMillis());
    String remedy =
        "put gateways nearer to Redis, see what blocks it (SLOWLOG, swapping), or raise redis.timeout";
    if (p99 > timeout.toNanos()) {
      return Finding.error(
          TRIP, seen, "decisions give Redis up and fall back to local buckets", remedy);
    }
    return p99 > timeout.toNanos() / 3
        ? Finding.warning(
            TRIP,
            seen,
            "under load some decisions will give Redis up; p99 should be a third at most",
            remedy)
        : Finding.ok(TRIP, seen);
  }

  private static long at(long[] sorted, int percent) {
    return sorted[Math.max(0, (sorted.length * percent + 99) / 100 - 1)];
  }
}
