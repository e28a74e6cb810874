package io.sluice.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FreePort;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LocalSentinel;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Findings about real Sentinels. */
@Timeout(180)
class SentinelsTest {

  private static LocalSentinel all;

  @BeforeAll
  static void start() {
    all = LocalSentinel.start(1, null);
  }

  @AfterAll
  static void end() {
    all.close();
  }

  @Test
  void threeThatAgreeAndCanReplaceTheMasterAreWell() {
    Examined.of(settings(RedisLogin.NONE, ports()))
        .has(Severity.OK, "sentinel-agreement", "3 Sentinels", "127.0.0.1:" + all.master().port())
        .has(Severity.OK, "sentinel-failover", "3 of 3 Sentinels up, 2 have to agree")
        .has(Severity.OK, "sentinel-replicas", "1 of 1 replica could take over")
        .has(Severity.OK, "role")
        .hasNo("sentinel-nodes")
        .hasNo("sentinel-rights");
  }

  @Test
  void thoseThatTheSettingsLeaveOutAreNoted() {
    Examined.of(settings(RedisLogin.NONE, ports()[1]))
        .has(Severity.OK, "sentinel-agreement", "1 Sentinel names")
        .has(Severity.NOTE, "sentinel-nodes", "names 1 of 3 Sentinels", "name them all");
  }

  @Test
  void anUnknownNameIsToldWithTheKeyToCorrect() {
    RedisTopology other =
        new RedisTopology.Sentinel("other", List.of(at(ports()[0])), RedisLogin.NONE);

    Examined examined = Examined.of(Examined.settings(all.master()).with(other));

    examined.has(
        Severity.WARNING, "sentinel-master", "no master \"other\"", "redis.sentinel.master");
    Finding gone = examined.named("reachable").get(0);
    assertThat(gone.severity()).isEqualTo(Severity.ERROR);
    assertThat(gone.seen()).contains("knows no master \"other\"");
  }

  @Test
  void rightsThatAreMissingAtOneAreNamedWithTheCommandThatGrantsThem() {
    LocalRedis poor = all.sentinels().get(2);
    for (LocalRedis sentinel : all.sentinels()) {
      grant(sentinel, "+sentinel|master", "+sentinel|get-master-addr-by-name");
      grant(sentinel, "+sentinel|replicas", "+sentinel|sentinels");
    }
    RedisSettings settings = settings(new RedisLogin("ann", "secret"), ports());
    Examined.of(settings).hasNo("sentinel-rights").has(Severity.OK, "sentinel-failover");

    grant(poor, "-sentinel|replicas", "-sentinel|master");

    Finding finding =
        Examined.of(settings)
            .has(Severity.WARNING, "sentinel-rights")
            .has(Severity.OK, "sentinel-agreement", "2 Sentinels name")
            .named("sentinel-rights")
            .get(0);
    assertThat(finding.seen())
        .isEqualTo(
            "user ann has no right to +sentinel|master +sentinel|replicas at Sentinel 127.0.0.1:%d"
                .formatted(poor.port()));
    assertThat(finding.remedy())
        .isEqualTo(
            "ACL SETUSER ann +sentinel|master +sentinel|replicas there, and the same in its sentinel.conf");
  }

  @Test
  void sentinelsThatAreNotEnoughForAFailoverAreAWarningBeforeItIsNeeded() {
    try (LocalSentinel few = LocalSentinel.start(1, null)) {
      int[] ports = few.sentinels().stream().mapToInt(LocalRedis::port).toArray();
      few.sentinels().get(0).kill();
      few.sentinels().get(2).kill();
      LocalRedis left = few.sentinels().get(1);
      Eventually.becomes(
          "it misses the others",
          () -> left.send("SENTINEL", "SENTINELS", "mymaster").split("s_down").length > 2);

      Examined examined = Examined.of(settings(RedisLogin.NONE, ports));

      assertThat(examined.named("sentinel-reachable")).hasSize(2);
      assertThat(examined.named("sentinel-reachable").get(0).seen())
          .endsWith("start it or correct redis.sentinel.nodes");
      examined
          .has(Severity.WARNING, "sentinel-failover", "1 of 3 Sentinels up, 2 have to agree")
          .has(Severity.OK, "role");
    }
  }

  @Test
  void oneSentinelWithoutReplicasProtectsNobody() {
    try (LocalRedis master = LocalRedis.start();
        LocalRedis alone = LocalSentinel.alone(null, master.port())) {
      Examined.of(settings(RedisLogin.NONE, alone.port()))
          .has(Severity.WARNING, "sentinel-failover", "1 of 1 Sentinel up", "run three")
          .has(Severity.WARNING, "sentinel-replicas", "0 of 0 replicas");
    }
  }

  @Test
  void aReplicaOfPriorityZeroTakesOverForNobody() {
    LocalRedis replica =
        all.servers().stream()
            .filter(server -> !server.equals(all.master()))
            .findFirst()
            .orElseThrow();
    try {
      prefer(replica, "0");

      Examined.of(settings(RedisLogin.NONE, ports()))
          .has(Severity.OK, "sentinel-failover")
          .has(
              Severity.WARNING,
              "sentinel-replicas",
              "0 of 1 replica could take over; 1 has replica-priority 0",
              "CONFIG SET replica-priority 100");
    } finally {
      prefer(replica, "100");
    }
    Examined.of(settings(RedisLogin.NONE, ports()))
        .has(Severity.OK, "sentinel-replicas", "1 of 1 replica could take over");
  }

  @Test
  void sentinelsThatNameDifferentMastersAreQuoted() {
    try (LocalRedis other = LocalRedis.start();
        LocalRedis stray = LocalSentinel.alone(null, other.port())) {
      Examined.of(settings(RedisLogin.NONE, ports()[0], stray.port()))
          .has(
              Severity.WARNING,
              "sentinel-agreement",
              "127.0.0.1:%d names 127.0.0.1:%d".formatted(stray.port(), other.port()),
              "127.0.0.1:%d names 127.0.0.1:%d".formatted(ports()[0], all.master().port()));
    }
  }

  @Test
  void aPortWhereNobodyListensIsOneSentinelLess() {
    Examined.of(settings(RedisLogin.NONE, ports()[0], FreePort.choose()))
        .has(Severity.OK, "sentinel-failover")
        .has(Severity.OK, "role");
  }

  private static void grant(LocalRedis sentinel, String... rights) {
    String command = "ACL SETUSER ann on >secret " + String.join(" ", rights);
    assertThat(sentinel.send(command.split(" ", -1))).isEqualTo("OK");
  }

  /** Returns when all Sentinels have learnt it from the replica's INFO. */
  private static void prefer(LocalRedis replica, String priority) {
    assertThat(replica.send("CONFIG", "SET", "replica-priority", priority)).isEqualTo("OK");
    for (LocalRedis sentinel : all.sentinels()) {
      Eventually.becomes(
          "it knows the priority",
          () ->
              sentinel
                  .send("SENTINEL", "REPLICAS", LocalSentinel.NAME)
                  .contains("slave-priority\n" + priority + '\n'));
    }
  }

  private static int[] ports() {
    return all.sentinels().stream().mapToInt(LocalRedis::port).toArray();
  }

  private static RedisAddress at(int port) {
    return new RedisAddress(LocalRedis.HOST, port);
  }

  private static RedisSettings settings(RedisLogin login, int... ports) {
    List<RedisAddress> nodes = Arrays.stream(ports).mapToObj(SentinelsTest::at).toList();
    return RedisSettings.at("nowhere", 1)
        .with(Duration.ofSeconds(10))
        .with(new RedisTopology.Sentinel(LocalSentinel.NAME, nodes, login));
  }
}
