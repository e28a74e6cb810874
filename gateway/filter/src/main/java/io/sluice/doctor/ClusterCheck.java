package io.sluice.doctor;

import io.sluice.redis.RedisTopology;
import io.sluice.redis.Reply;
import java.util.ArrayList;
import java.util.List;

/** Whether a cluster covers all keys, and whether the settings know that it is one. */
final class ClusterCheck implements Check {

  private static final String MODE = "cluster-mode";
  private static final String STATE = "cluster-state";
  private static final String SLOTS = "slot-coverage";
  private static final long ALL_SLOTS = 16_384;

  @Override
  public String group() {
    return "cluster";
  }

  @Override
  public List<Finding> look(Patient patient) {
    boolean expected = patient.settings().topology() instanceof RedisTopology.Cluster;
    if (!patient.isCluster()) {
      return expected
          ? List.of(
              Finding.error(
                  MODE,
                  "is not a member of a cluster, as the settings say",
                  "gateways find no slots there: each acts as in an outage",
                  "correct the topology in the redis block"))
          : List.of();
    }
    List<Finding> findings = new ArrayList<>();
    if (!expected) {
      findings.add(
          Finding.error(
              MODE,
              "is a member of a cluster, and the settings name one server",
              "it refuses the keys of other members (MOVED), so their limits are not shared",
              "name the cluster in the redis block, or use a standalone Redis"));
    }
    Reply told = patient.look("CLUSTER INFO (slot coverage)", "CLUSTER", "INFO");
    if (told.isGranted()) {
      Vitals cluster = Vitals.of(told.text());
      findings.add(state(cluster));
      findings.add(slots(cluster));
    }
    return findings;
  }

  private static Finding state(Vitals cluster) {
    String seen =
        "cluster_state is %s; %s, %s with slots"
            .formatted(
                cluster.text("cluster_state"),
                Figures.count(cluster.number("cluster_known_nodes"), "member"),
                Figures.count(cluster.number("cluster_size"), "master"));
    return cluster.text("cluster_state").equals("ok")
        ? Finding.ok(STATE, seen)
        : Finding.error(
            STATE,
            seen,
            "it refuses all keys (CLUSTERDOWN): every gateway acts as in an outage",
            "see CLUSTER NODES; bring failed masters back, or assign their slots");
  }

  private static Finding slots(Vitals cluster) {
    long assigned = cluster.number("cluster_slots_assigned");
    long failed = cluster.number("cluster_slots_fail");
    long doubtful = cluster.number("cluster_slots_pfail");
    String seen =
        "%d of %d slots assigned, %d failed, %d in doubt"
            .formatted(assigned, ALL_SLOTS, failed, doubtful);
    String why = "callers whose buckets lie there are limited as in an outage";
    if (assigned < ALL_SLOTS || failed > 0) {
      return Finding.error(SLOTS, seen, why, "redis-cli --cluster check, then --cluster fix");
    }
    return doubtful > 0
        ? Finding.warning(SLOTS, seen, why, "see CLUSTER NODES for the member that is not heard")
        : Finding.ok(SLOTS, seen);
  }
}
