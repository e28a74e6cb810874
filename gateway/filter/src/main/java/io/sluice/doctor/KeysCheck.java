package io.sluice.doctor;

import io.sluice.redis.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Keys of ours that never go: looks at a sample, bounded in number and time. */
final class KeysCheck implements Check {

  private static final String NAME = "keys-without-ttl";
  private static final int MOST_KEYS = 1_000;
  private static final int MOST_NAMED = 3;
  private static final String AT_ONCE = "200";
  private static final long LONGEST = Duration.ofSeconds(2).toNanos();

  private final LongSupplier nanoTime;

  KeysCheck(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** What was looked at so far. */
  private static final class Sample {
    final List<String> keptForEver = new ArrayList<>();
    int keys;
    boolean isAll;
  }

  @Override
  public String group() {
    return "keys";
  }

  @Override
  public List<Finding> look(Patient patient) {
    Sample sample = new Sample();
    if (!take(patient, sample)) {
      return List.of();
    }
    String prefix = patient.settings().prefix();
    String size =
        sample.isAll
            ? "all %s under %s".formatted(Figures.count(sample.keys, "key"), prefix)
            : "a sample of %s under %s".formatted(Figures.count(sample.keys, "key"), prefix);
    int kept = sample.keptForEver.size();
    if (kept == 0) {
      return List.of(Finding.ok(NAME, "of %s each has a time to live".formatted(size)));
    }
    return List.of(
        Finding.warning(
            NAME,
            "of %s %d %s no time to live: %s"
                .formatted(size, kept, kept == 1 ? "has" : "have", names(sample.keptForEver)),
            "gateways write none without; such keys fill the memory and cannot be evicted",
            "find who else writes under %s (PERSIST, a restore), then DEL them".formatted(prefix)));
  }

  /** Returns whether the observer may look at all. */
  private boolean take(Patient patient, Sample sample) {
    long start = nanoTime.getAsLong();
    String cursor = "0";
    do {
      Reply page =
          patient.look(
              "SCAN (keys without a time to live)",
              "SCAN",
              cursor,
              "MATCH",
              patient.settings().prefix() + "*",
              "COUNT",
              AT_ONCE);
      if (page.list().size() != 2 || !(page.list().get(1) instanceof List<?> keys)) {
        return false;
      }
      cursor = Reply.text(page.list().get(0));
      for (Object key : keys) {
        if (Reply.text(key).startsWith(patient.probes())) {
          continue;
        }
        Reply left = patient.look("PTTL (keys without a time to live)", "PTTL", Reply.text(key));
        if (!left.isGranted()) {
          return false;
        }
        sample.keys++;
        if (left.number() == -1) {
          sample.keptForEver.add(Reply.text(key));
        }
        if (sample.keys >= MOST_KEYS || nanoTime.getAsLong() - start > LONGEST) {
          return true;
        }
      }
    } while (!cursor.equals("0") && nanoTime.getAsLong() - start <= LONGEST);
    sample.isAll = cursor.equals("0");
    return true;
  }

  private static String names(List<String> keys) {
    List<String> shown =
        keys.stream()
            .limit(MOST_NAMED)
            .map(key -> key.length() <= 100 ? key : key.substring(0, 100) + "...")
            .toList();
    return String.join(", ", shown) + (keys.size() > MOST_NAMED ? ", ..." : "");
  }
}
