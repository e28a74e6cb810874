package io.sluice.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a restart of Redis would forget, and whether writing to disk stands in the way. */
final class PersistenceCheck implements Check {

  private static final String NAME = "persistence";
  private static final String FAILING = "persistence-failing";
  private static final String REFUSES =
      "Redis refuses to write while it cannot save (MISCONF), which is an outage of all limits";

  @Override
  public String group() {
    return "persistence";
  }

  @Override
  public List<Finding> look(Patient patient) {
    Vitals vitals = patient.vitals();
    if (!vitals.has("aof_enabled")) {
      return List.of();
    }
    boolean log = vitals.number("aof_enabled") == 1;
    Optional<Boolean> snapshots = patient.config("save").map(points -> !points.isBlank());
    List<Finding> findings = new ArrayList<>();
    findings.add(kept(log, snapshots));
    if (log && vitals.text("aof_last_write_status").equals("err")) {
      findings.add(refusing("its append-only file could not be written"));
    }
    // Without save points Redis never refuses for a snapshot that failed.
    if (snapshots.orElse(true) && vitals.text("rdb_last_bgsave_status").equals("err")) {
      String stops = patient.config("stop-writes-on-bgsave-error").orElse("");
      findings.add(snapshotFailed(snapshots.isPresent() ? stops : "", log));
    }
    return findings;
  }

  private static Finding kept(boolean log, Optional<Boolean> snapshots) {
    if (log) {
      return Finding.ok(NAME, "an append-only file: a restart forgets a second or two at most");
    }
    if (snapshots.isEmpty()) {
      return Finding.note(
          NAME,
          "no append-only file; it does not tell whether it takes snapshots",
          "a restart goes back to the last snapshot, or to none: what was charged since is forgiven",
          "see how it is set up; appendonly yes where quotas last for hours or days");
    }
    return snapshots.get()
        ? Finding.note(
            NAME,
            "snapshots, and no append-only file",
            "a restart goes back to the last one: what was charged since is forgiven",
            "appendonly yes where quotas last for hours or days")
        : Finding.note(
            NAME,
            "neither an append-only file nor snapshots",
            "a restart forgets all buckets: everybody starts with a full limit",
            "nothing where limits last for minutes; appendonly yes where quotas last for days");
  }

  /** Whether Redis refuses to write then is told by two settings, which it may not show. */
  private static Finding snapshotFailed(String stops, boolean log) {
    String seen = "its last snapshot failed";
    String remedy = "see its log, the room on its disk, and whether it has memory to fork";
    return switch (stops) {
      case "yes" -> refusing(seen);
      case "no" ->
          Finding.warning(
              FAILING,
              seen + "; stop-writes-on-bgsave-error is no, so it goes on writing",
              log
                  ? "the append-only file goes on, but a full disk that stops snapshots stops it too"
                  : "a restart goes back to an older one: what was charged since is forgiven",
              remedy);
      default ->
          Finding.warning(
              FAILING,
              seen + "; it does not tell whether it goes on writing",
              "with save points and stop-writes-on-bgsave-error yes " + REFUSES,
              remedy);
    };
  }

  private static Finding refusing(String seen) {
    return Finding.error(
        FAILING,
        seen,
        REFUSES,
        "see its log and the room on its disk; or save \"\" and appendonly no");
  }
}
