package io.sluice.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What a failover would forget. */
final class ReplicationCheck implements Check {

  private static final String LAG = "replica-lag";
  private static final String WRITES = "failover-writes";
  private static final long LATE_SECONDS = 10;

  @Override
  public String group() {
    return "replication";
  }

  @Override
  public List<Finding> look(Patient patient) {
    Vitals vitals = patient.vitals();
    if (!vitals.has("connected_slaves") || patient.isReplica()) {
      return List.of();
    }
    long replicas = vitals.number("connected_slaves");
    if (replicas == 0) {
      return List.of(
          Finding.note(
              "replicas",
              "no replica is connected",
              "when this server is lost its buckets are: everybody starts with a full limit",
              "where that is too much to forgive, run replicas with Sentinel, or a cluster"));
    }
    List<Finding> findings = new ArrayList<>();
    findings.add(Finding.ok("replicas", Figures.count(replicas, "replica") + " connected"));
    IntStream.range(0, (int) Math.min(replicas, 100))
        .mapToObj(i -> vitals.text("slave" + i))
        .filter(line -> !line.isEmpty())
        .map(line -> lag(Vitals.of(line.replace('=', ':').replace(',', '\n')), vitals))
        .forEach(findings::add);
    patient.config("min-replicas-to-write").ifPresent(least -> findings.add(writes(least)));
    return findings;
  }

  private static Finding lag(Vitals replica, Vitals master) {
    long behind = master.number("master_repl_offset") - replica.number("offset");
    String state = replica.text("state");
    long seconds = replica.number("lag");
    String seen =
        "replica %s:%s is %s, %s behind, last heard %d s ago"
            .formatted(
                replica.text("ip"),
                replica.text("port"),
                state,
                Figures.octets(Math.max(0, behind)),
                seconds);
    return state.equals("online") && seconds < LATE_SECONDS
        ? Finding.ok(LAG, seen)
        : Finding.warning(
            LAG,
            seen,
            "a failover to it forgets what it has not got: those charges are forgiven",
            "see its log and its network; a replica that syncs is late until it has all");
  }

  private static Finding writes(String least) {
    return least.equals("0")
        ? Finding.note(
            WRITES,
            "min-replicas-to-write is 0",
            "a master cut off from its replicas goes on deciding; a failover forgets those charges",
            "min-replicas-to-write 1 bounds that by min-replicas-max-lag; the price: with no replica"
                + " left Redis refuses to write, which is an outage")
        : Finding.ok(WRITES, "min-replicas-to-write is " + least);
  }
}
