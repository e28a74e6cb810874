package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LocalSentinel;
import io.sluice.store.StoreStatus.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway under load while its Redis changes masters. */
@Timeout(180)
class SentinelFailoverTest {

  /**
   * From a new master to decisions there: a second, to which {@code .ci/checks/failover.sh} holds
   * it, and what a machine adds that runs the rest of the suite.
   */
  private static final Duration BAR =
      Duration.parse(System.getProperty("sluice.failover.bar", "PT5S"));

  @TempDir Path folder;

  @Test
  void noRequestFailsWhileTheMasterIsKilledAndTheNextOneHangs() throws Exception {
    try (LocalSentinel all = LocalSentinel.start();
        House house = new House(folder)) {
      Gateway gateway = gateway(house, all, "100ms");
      try (Load load = Load.start(house, gateway)) {
        LocalRedis first = all.master();
        load.goOn(200);

        LocalRedis second = failover(gateway, all, LocalRedis::kill);
        load.goOn(200);
        all.awaitNamed(second);
        all.rejoin(first);

        failover(gateway, all, LocalRedis::pause);
        load.goOn(200);

        assertThat(load.outcomes()).containsOnlyKeys("200");
      }
    }
  }

  @Test
  void noRequestFailsInAFailoverByHand() throws Exception {
    try (LocalSentinel all = LocalSentinel.start();
        House house = new House(folder)) {
      Gateway gateway = gateway(house, all, "100ms");
      try (Load load = Load.start(house, gateway)) {
        load.goOn(200);

        failover(gateway, all, healthy -> all.failOver());
        load.goOn(200);

        assertThat(load.outcomes()).containsOnlyKeys("200");
      }
    }
  }

  @Test
  void withoutSentinelsRequestsGoOnWithTheMasterAndWithoutEitherOnLocalBuckets() throws Exception {
    try (LocalSentinel all = LocalSentinel.start(1, null);
        House house = new House(folder)) {
      Gateway gateway = gateway(house, all, "5s");
      try (Load load = Load.start(house, gateway)) {
        load.goOn(200);
        LocalRedis master = all.master();
        all.sentinels().forEach(LocalRedis::kill);
        long decided = gateway.engine().storeStatus().localDecisions();
        load.goOn(500);
        assertThat(gateway.engine().storeStatus().localDecisions()).isEqualTo(decided);

        master.kill();
        Eventually.becomes("the gateway decides alone", () -> mode(gateway) == Mode.LOCAL);
        load.goOn(500);
        assertThat(mode(gateway)).isEqualTo(Mode.LOCAL);

        all.sentinels().forEach(LocalRedis::restart);
        LocalRedis next = all.awaitSuccessor(master);
        Eventually.becomes("Redis decides again", () -> decides(gateway, next));
        load.goOn(200);

        assertThat(load.outcomes()).containsOnlyKeys("200");
      }
    }
  }

  /** Returns the new master, where decisions are made again in time. */
  private static LocalRedis failover(
      Gateway gateway, LocalSentinel all, Consumer<LocalRedis> failure) {
    LocalRedis left = all.master();
    all.servers().forEach(server -> server.send("CONFIG", "RESETSTAT"));
    failure.accept(left);
    LocalRedis next = all.awaitSuccessor(left);
    long took = Eventually.becomes("Redis decides again", () -> decides(gateway, next));
    assertThat(Duration.ofNanos(took)).as("until Redis decided again").isLessThan(BAR);
    return next;
  }

  private static boolean decides(Gateway gateway, LocalRedis master) {
    return mode(gateway) == Mode.REDIS
        && LocalSentinel.tells(master, "cmdstat_evalsha:", "INFO", "commandstats");
  }

  private static Gateway gateway(House house, LocalSentinel all, String timeout)
      throws IOException {
    String nodes =
        all.sentinels().stream()
            .map(each -> "\"%s:%d\"".formatted(LocalRedis.HOST, each.port()))
            .collect(Collectors.joining(", "));
    Gateway gateway =
        house.gateway(
            "redis { timeout = %s, sentinel { master = %s, nodes = [%s] } }"
                .formatted(timeout, LocalSentinel.NAME, nodes));
    Eventually.becomes("Redis decides", () -> mode(gateway) == Mode.REDIS);
    return gateway;
  }

  private static Mode mode(Gateway gateway) {
    return gateway.engine().storeStatus().mode();
  }
}
