package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalCluster;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LocalSentinel;
import io.sluice.store.StoreStatus.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A password that changes while requests go on, where not only one server takes it. */
@Timeout(120)
class PasswordOfManyServersTest {

  @TempDir Path folder;

  @Test
  void aFailoverAfterTheRotationNeedsTheNewOnesOfServersAndSentinels() throws Exception {
    Path file = Files.writeString(folder.resolve("password"), "first\n");
    Path watchword = Files.writeString(folder.resolve("sentinel-password"), "first\n");
    try (LocalSentinel all = LocalSentinel.start(1, null);
        House house = new House(folder)) {
      all.servers().forEach(server -> grant(server, "~sluice:*", ">first"));
      all.sentinels().forEach(sentinel -> grant(sentinel, ">first"));
      Gateway gateway =
          house.gateway(
              "redis { timeout = 5s, username = ann, password-file = \"%s\" }".formatted(file),
              "redis.sentinel { username = ann, password-file = \"%s\" }".formatted(watchword),
              "redis.sentinel { master = %s, nodes = %s }"
                  .formatted(LocalSentinel.NAME, addresses(all.sentinels())));
      Eventually.becomes("Redis decides", () -> mode(gateway) == Mode.REDIS);
      Callers callers = new Callers(house, gateway);
      callers.goOn();

      LocalRedis first = all.master();
      all.servers().forEach(server -> grant(server, ">second"));
      all.sentinels().forEach(sentinel -> grant(sentinel, ">second", "<first"));
      Files.writeString(file, "second\n");
      Files.writeString(watchword, "second\n");
      Eventually.becomes("it has logged in", () -> hasLoggedIn(first));
      all.servers().forEach(server -> grant(server, "<first"));
      callers.goOn();
      assertThat(gateway.engine().storeStatus().localDecisions()).isZero();

      all.sentinels().forEach(sentinel -> sentinel.send("CLIENT", "KILL", "USER", "ann"));
      Eventually.becomes(
          "it asks the Sentinels again",
          () -> all.sentinels().stream().allMatch(PasswordOfManyServersTest::isUsed));
      first.kill();
      LocalRedis second = all.awaitSuccessor(first);
      Eventually.becomes(
          "it uses the new master", () -> mode(gateway) == Mode.REDIS && isUsed(second));
      callers.goOn();
      assertThat(callers.end()).isEmpty();
    }
  }

  @Test
  void aReplicaThatTakesOverAfterTheRotationNeedsTheNewOne() throws Exception {
    Path file = Files.writeString(folder.resolve("password"), "first\n");
    try (LocalCluster cluster = LocalCluster.start(3, 1, LocalCluster.STEADY);
        House house = new House(folder)) {
      List<LocalRedis> nodes = IntStream.range(0, 6).mapToObj(cluster::node).toList();
      List<LocalRedis> masters = nodes.subList(0, 3);
      nodes.forEach(node -> grant(node, "~sluice:*", ">first"));
      Gateway gateway =
          house.gateway(
              "redis { timeout = 5s, username = ann, password-file = \"%s\" }".formatted(file),
              "redis.cluster.nodes = " + addresses(masters));
      Eventually.becomes("Redis decides", () -> mode(gateway) == Mode.REDIS);
      Callers callers = new Callers(house, gateway);
      callers.goOn();

      nodes.forEach(node -> grant(node, ">second"));
      Files.writeString(file, "second\n");
      Eventually.becomes(
          "it has logged in to all masters",
          () -> masters.stream().allMatch(PasswordOfManyServersTest::hasLoggedIn));
      nodes.forEach(node -> grant(node, "<first"));
      callers.goOn();
      assertThat(gateway.engine().storeStatus().localDecisions()).isZero();

      cluster.beHasty();
      cluster.node(0).kill();
      Eventually.becomes("the replica is master", () -> cluster.ownerOf(0, 3) == 3);
      Eventually.becomes(
          "it uses the replica", () -> mode(gateway) == Mode.REDIS && isUsed(cluster.node(3)));
      callers.goOn();
      assertThat(callers.end()).isEmpty();
    }
  }

  private static void grant(LocalRedis server, String... changes) {
    Stream<String> command =
        Stream.concat(Stream.of("ACL", "SETUSER", "ann", "on", "+@all"), Arrays.stream(changes));
    assertThat(server.send(command.toArray(String[]::new))).isEqualTo("OK");
  }

  /** Connecting is another command. */
  private static boolean hasLoggedIn(LocalRedis server) {
    return server.send("INFO", "commandstats").contains("cmdstat_auth:");
  }

  private static boolean isUsed(LocalRedis server) {
    return LocalSentinel.tells(server, " user=ann ", "CLIENT", "LIST");
  }

  private static String addresses(List<LocalRedis> servers) {
    return servers.stream()
        .map(server -> "\"%s:%d\"".formatted(LocalRedis.HOST, server.port()))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static Mode mode(Gateway gateway) {
    return gateway.engine().storeStatus().mode();
  }
}
