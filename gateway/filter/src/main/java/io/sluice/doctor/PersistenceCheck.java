package io.sluice.doctor;

import java.util.ArrayList;
import java.util.List;

/** What a restart of Redis would forget, and whether writing to disk stands in the way. */
final class PersistenceCheck implements Check {

  private static final String NAME = "persistence";

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
    boolean snapshots = !patient.config("save").orElse("").isBlank();
    List<Finding> findings = new ArrayList<>();
    findings.add(kept(log, snapshots));
    if (log && vitals.text("aof_last_write_status").equals("err")) {
      findings.add(failing("its append-only file could not be written"));
    }
    if (snapshots && vitals.text("rdb_last_bgsave_status").equals("err")) {
      findings.add(failing("its last snapshot failed"));
    }
    return findings;
  }

  private static Finding kept(boolean log, boolean snapshots) {
    if (log) {
      return Finding.ok(NAME, "an append-only file: a restart forgets a second or two at most");
    }
    return snapshots
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

  private static Finding failing(String seen) {
    return Finding.error(
        "persistence-failing",
        seen,
        "Redis refuses to write while it cannot save (MISCONF), which is an outage of all limits",
        "see its log and the room on its disk; or save \"\" and appendonly no");
  }
}
