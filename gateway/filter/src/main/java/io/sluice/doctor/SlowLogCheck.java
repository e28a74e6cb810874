package io.sluice.doctor;

import io.sluice.redis.Reply;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Scripts of gateways that Redis found slow; to be read before there are entries of our own. */
final class SlowLogCheck implements Check {

  private static final String NAME = "slow-log";
  private static final String ENTRIES = "128";

  @Override
  public String group() {
    return "latency";
  }

  @Override
  public List<Finding> look(Patient patient) {
    Reply log = patient.look("SLOWLOG (slow scripts)", "SLOWLOG", "GET", ENTRIES);
    if (!log.isGranted()) {
      return List.of();
    }
    long[] slow =
        log.list().stream().mapToLong(entry -> micros(entry, patient)).filter(m -> m > 0).toArray();
    return List.of(
        slow.length == 0
            ? Finding.ok(NAME, "the slow log holds no script of ours")
            : judge(slow, patient.settings().timeout().toNanos()));
  }

  private static Finding judge(long[] micros, long timeout) {
    long worst = Arrays.stream(micros).max().orElse(0) * 1_000;
    String seen =
        "the slow log holds %s of ours, the slowest took %s"
            .formatted(Figures.count(micros.length, "script"), Figures.millis(worst));
    String why = "Redis runs one thing at a time: everybody's decisions waited for it";
    String remedy =
        "see whether the machine swaps, forks for snapshots, or shares its cores; then SLOWLOG RESET";
    return worst > timeout
        ? Finding.warning(NAME, seen, why, remedy)
        : Finding.note(NAME, seen, why, remedy);
  }

  /** Returns how long an entry took; 0 where it is no script on keys of gateways. */
  private static long micros(Object entry, Patient patient) {
    if (!(entry instanceof List<?> parts)
        || parts.size() < 4
        || !(parts.get(2) instanceof Long micros)
        || !(parts.get(3) instanceof List<?> words)
        || words.size() < 4
        || !Reply.text(words.get(0)).toUpperCase(Locale.ROOT).startsWith("EVAL")) {
      return 0;
    }
    String key = Reply.text(words.get(3));
    return key.startsWith(patient.settings().prefix()) && !key.startsWith(patient.probes())
        ? micros
        : 0;
  }
}
