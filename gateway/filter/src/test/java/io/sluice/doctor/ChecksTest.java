package io.sluice.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a Redis of our own cannot be brought to say, or not on time. */
class ChecksTest {

  private static final RedisSettings SETTINGS = RedisSettings.at("fake", 6379);

  @ParameterizedTest
  @CsvSource({
    "4.0.14, ERROR, upgrade",
    "5.0.3, NOTE, tested is 7.0",
    "6.2.1, NOTE, tested is 7.0",
    "7.0.15, OK, redis 7.0.15",
    "7.2.4, NOTE, tested is 7.0",
    "unstable, NOTE, does not tell"
  })
  void versionsAreJudged(String version, Severity severity, String said) {
    ScriptedConsole console = new ScriptedConsole().text("INFO", "redis_version:" + version);
    Examined.of(new ServerCheck(), SETTINGS, console).has(severity, "version", said);
  }

  @Test
  void aReplicaFarBehindIsWarnedOf() {
    ScriptedConsole console =
        new ScriptedConsole()
            .text(
                "INFO",
                """
                role:master
                connected_slaves:1
                slave0:ip=10.0.0.2,port=6380,state=online,offset=1000,lag=12
                master_repl_offset:3000000
                """);
    Examined.of(new ReplicationCheck(), SETTINGS, console)
        .has(Severity.WARNING, "replica-lag", "10.0.0.2:6380", "2.9 MiB behind", "12 s ago");
  }

  @Test
  void aReplicaThatStillSyncsIsWarnedOf() {
    ScriptedConsole console =
        new ScriptedConsole()
            .text(
                "INFO",
                "connected_slaves:1\nslave0:ip=10.0.0.2,port=6380,state=wait_bgsave,offset=0,lag=0");
    Examined.of(new ReplicationCheck(), SETTINGS, console)
        .has(Severity.WARNING, "replica-lag", "is wait_bgsave");
  }

  @Test
  void aDiskThatCannotBeWrittenIsAnOutageToCome() {
    ScriptedConsole console =
        new ScriptedConsole()
            .text("INFO", "aof_enabled:1\naof_last_write_status:err\nrdb_last_bgsave_status:err")
            .list("CONFIG GET save", "save", "");
    Examined.of(new PersistenceCheck(), SETTINGS, console)
        .has(Severity.ERROR, "persistence-failing", "append-only", "MISCONF");
  }

  @ParameterizedTest
  @CsvSource({"8001, WARNING", "8000, OK"})
  void roomForConnectionsIsJudged(int connected, Severity severity) {
    ScriptedConsole console =
        new ScriptedConsole().text("INFO", "maxclients:10000\nconnected_clients:" + connected);
    Examined.of(new ClientsCheck(), SETTINGS, console)
        .has(severity, "max-clients", connected + " of 10000 clients");
  }

  @ParameterizedTest
  @CsvSource({"0, 0.0, OK", "900, 0.900, OK", "-5000, 5.000, NOTE", "3600000, 3600.000, WARNING"})
  void clocksAreCompared(long aheadMillis, String said, Severity severity) {
    long wall = Duration.ofDays(20_000).toNanos();
    long redis = wall / 1_000 + aheadMillis * 1_000;
    ScriptedConsole console =
        new ScriptedConsole()
            .list("TIME", Long.toString(redis / 1_000_000), Long.toString(redis % 1_000_000));
    Examined.of(new ClockCheck(() -> wall, () -> 0), SETTINGS, console)
        .has(severity, "clock-offset", said, aheadMillis < 0 ? "behind" : "ahead of");
  }

  @Test
  void aClockIsComparedAtTheMiddleOfTheFastestRoundTrip() {
    AtomicLong nanos = new AtomicLong();
    ScriptedConsole console = new ScriptedConsole().list("TIME", "1000", "0");
    Examined.of(
            new ClockCheck(
                () -> Duration.ofSeconds(998).toNanos(), () -> nanos.getAndAdd(2_000_000_000L)),
            SETTINGS,
            console)
        .has(Severity.OK, "clock-offset", "1.000 s ahead", "give or take 1.000 s");
  }

  @ParameterizedTest
  @CsvSource({"8, OK", "9, WARNING", "25, WARNING", "26, ERROR"})
  void roundTripsAreJudgedByTheTimeOut(long millis, Severity severity) {
    AtomicLong nanos = new AtomicLong();
    Examined.of(
            new LatencyCheck(() -> nanos.getAndAdd(millis * 1_000_000 / 2 * 2)),
            SETTINGS.with(Duration.ofMillis(25)),
            new ScriptedConsole())
        .has(severity, "round-trip", "p99 " + millis + ".00 ms", "redis.timeout is 25 ms");
  }

  @Test
  void aMemberInDoubtIsWarnedOf() {
    ScriptedConsole console =
        new ScriptedConsole()
            .list("HELLO", "server", "redis", "mode", "cluster", "role", "master")
            .text(
                "CLUSTER INFO",
                """
                cluster_state:ok
                cluster_slots_assigned:16384
                cluster_slots_pfail:5461
                cluster_slots_fail:0
                cluster_known_nodes:6
                cluster_size:3
                """);
    Examined.of(new ClusterCheck(), SETTINGS.with(cluster()), console)
        .hasNo("cluster-mode")
        .has(Severity.OK, "cluster-state", "6 members, 3 masters")
        .has(Severity.WARNING, "slot-coverage", "5461 in doubt");
  }

  @Test
  void aServerThatIsNoMemberOfAClusterIsAnError() {
    Examined.of(new ClusterCheck(), SETTINGS.with(cluster()), new ScriptedConsole())
        .has(Severity.ERROR, "cluster-mode", "not a member");
  }

  @Test
  void aSampleOfKeysIsBounded() {
    AtomicLong nanos = new AtomicLong();
    ScriptedConsole console = new ScriptedConsole();
    console.reply(
        "SCAN", io.sluice.redis.Reply.of(List.of("7".getBytes(), List.of("sluice:a".getBytes()))));
    console.reply("PTTL", io.sluice.redis.Reply.of(5L));
    Examined.of(new KeysCheck(() -> 0), SETTINGS, console)
        .has(Severity.OK, "keys-without-ttl", "a sample of 1000 keys");
    Examined.of(new KeysCheck(() -> nanos.getAndAdd(1_500_000_000L)), SETTINGS, console)
        .has(Severity.OK, "keys-without-ttl", "a sample of 1 key ");
    assertThat(console.asked).hasSizeLessThan(2_100);
  }

  private static RedisTopology cluster() {
    return new RedisTopology.Cluster(List.of(new RedisAddress("fake", 6379)));
  }
}
