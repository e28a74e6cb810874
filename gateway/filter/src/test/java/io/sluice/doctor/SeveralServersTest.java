package io.sluice.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FreePort;
import io.sluice.fixtures.LocalCluster;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LocalSentinel;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Findings about replicas and clusters, with real ones. */
@Timeout(120)
class SeveralServersTest {

  @Test
  void aReplicaDecidesNothingAndItsMasterTellsOfIt() {
    try (LocalRedis master = LocalRedis.builder().directive("repl-diskless-sync-delay 0").start();
        LocalRedis replica = LocalRedis.start()) {
      replica.send("REPLICAOF", LocalRedis.HOST, Integer.toString(master.port()));
      Eventually.becomes(
          "the replica is online",
          () -> master.send("INFO", "replication").contains("state=online"));

      Examined.of(Examined.settings(replica)).has(Severity.ERROR, "role", "is a replica", "master");

      Examined.of(Examined.settings(master))
          .has(Severity.OK, "role")
          .has(Severity.OK, "replicas", "1 replica connected")
          .has(Severity.OK, "replica-lag", "127.0.0.1:" + replica.port() + " is online")
          .has(Severity.NOTE, "failover-writes", "min-replicas-to-write is 0");
      master.send("CONFIG", "SET", "min-replicas-to-write", "1");
      Examined.of(Examined.settings(master)).has(Severity.OK, "failover-writes");
    }
  }

  @Test
  void aClusterHasToBeNamedAsOneAndToCoverAllSlots() {
    try (LocalRedis redis = LocalRedis.builder().directive("cluster-enabled yes").start()) {
      Examined.of(Examined.settings(redis))
          .has(Severity.ERROR, "cluster-mode", "MOVED")
          .has(Severity.ERROR, "cluster-state", "cluster_state is fail")
          .has(Severity.ERROR, "slot-coverage", "0 of 16384 slots assigned");
      redis.send("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      Eventually.becomes(
          "the cluster is in order",
          () -> redis.send("CLUSTER", "INFO").contains("cluster_state:ok"));
      Examined.of(Examined.settings(redis))
          .has(Severity.OK, "cluster-state")
          .has(Severity.OK, "slot-coverage", "16384 of 16384")
          .has(Severity.OK, "round-trip");
    }
  }

  @Test
  void eachMasterOfAClusterIsExamined() {
    try (LocalRedis one = LocalRedis.builder().directive("cluster-enabled yes").start();
        LocalRedis two = LocalRedis.builder().directive("cluster-enabled yes").start()) {
      one.send("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
      two.send("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
      one.send("CLUSTER", "MEET", LocalRedis.HOST, Integer.toString(two.port()));
      for (LocalRedis each : List.of(one, two)) {
        Eventually.becomes(
            "the cluster is in order",
            () -> each.send("CLUSTER", "INFO").contains("cluster_state:ok"));
      }
      RedisSettings settings =
          Examined.settings(one)
              .with(
                  new RedisTopology.Cluster(
                      List.of(
                          new RedisAddress(LocalRedis.HOST, FreePort.choose()),
                          new RedisAddress(LocalRedis.HOST, one.port()))));

      Examined examined = Examined.of(settings);

      assertThat(examined.report().parts().stream().map(Report.Part::group))
          .contains("latency at 127.0.0.1:" + one.port(), "latency at 127.0.0.1:" + two.port());
      for (String name : List.of("role", "rights-missing", "slot-coverage", "round-trip")) {
        assertThat(examined.named(name)).hasSize(2);
        assertThat(examined.named(name)).allMatch(finding -> finding.severity() == Severity.OK);
      }
      assertThat(examined.named("cluster-mode")).isEmpty();

      two.kill();
      Finding gone = Examined.of(settings).named("reachable").get(1);
      assertThat(gone.seen()).contains(two.port() + "/0 cannot be reached");
      assertThat(gone.severity()).isEqualTo(Severity.ERROR);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hostname", "unknown-endpoint"})
  void mastersThatAreNotListedByAddressAreFoundAllTheSame(String endpoint) {
    try (LocalCluster cluster =
        LocalCluster.start(
            2, 0, LocalCluster.STEADY, "cluster-preferred-endpoint-type " + endpoint)) {
      Examined examined = Examined.of(members(cluster.node(0)));

      for (String name : List.of("role", "round-trip")) {
        assertThat(examined.named(name)).as("%s", examined.report()).hasSize(2);
        assertThat(examined.named(name)).allMatch(finding -> finding.severity() == Severity.OK);
      }
      assertThat(examined.report().parts().stream().map(Report.Part::group))
          .contains(
              "server at 127.0.0.1:" + cluster.node(0).port(),
              "server at 127.0.0.1:" + cluster.node(1).port());
    }
  }

  @Test
  void aMasterWhoseAddressWasForgottenIsNamedWithWhatToDo() {
    try (LocalCluster cluster = LocalCluster.start(2, 0, LocalCluster.STEADY)) {
      LocalRedis left = cluster.node(0);
      LocalRedis reborn = cluster.node(1);
      String id = reborn.send("CLUSTER", "MYID");
      assertThat(reborn.send("CLUSTER", "RESET", "HARD")).isEqualTo("OK");
      Eventually.becomes(
          "it has lost its address", () -> left.send("CLUSTER", "NODES").contains("noaddr"));

      Examined examined = Examined.of(members(left));

      examined
          .has(
              Severity.WARNING,
              "node-address",
              "127.0.0.1:%d knows no address of node %s".formatted(left.port(), id),
              "serves 8192 slots",
              "CLUSTER NODES",
              "CLUSTER FORGET " + id)
          .has(Severity.OK, "role");
      assertThat(examined.named("reachable"))
          .as("%s", examined.report())
          .allMatch(finding -> finding.severity() == Severity.OK)
          .hasSize(1);
    }
  }

  @Test
  void theMasterThatSentinelsNameIsExamined() {
    try (LocalRedis master = LocalRedis.start();
        LocalRedis sentinel = LocalSentinel.alone(null, master.port())) {
      RedisSettings settings =
          Examined.settings(master)
              .with(
                  new RedisTopology.Sentinel(
                      "mymaster",
                      List.of(new RedisAddress(LocalRedis.HOST, sentinel.port())),
                      RedisLogin.NONE));

      Examined.of(settings).has(Severity.OK, "role").has(Severity.OK, "rights-missing");

      sentinel.kill();
      Finding gone = Examined.of(settings).named("reachable").get(0);
      assertThat(gone.severity()).isEqualTo(Severity.ERROR);
      assertThat(gone.seen())
          .contains("no Sentinel names the master: Sentinel 127.0.0.1:" + sentinel.port())
          .endsWith("correct redis.sentinel.nodes");
    }
  }

  private static RedisSettings members(LocalRedis node) {
    return Examined.settings(node)
        .with(new RedisTopology.Cluster(List.of(new RedisAddress(LocalRedis.HOST, node.port()))));
  }
}
