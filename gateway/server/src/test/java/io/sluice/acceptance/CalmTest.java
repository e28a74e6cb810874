package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.FaultRelay.Direction;
import io.sluice.fixtures.LocalRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Redis in trouble is not met by a crowd, and neither is who reads the log. */
@Timeout(120)
class CalmTest {

  private static final Duration AWHILE = Duration.ofMillis(1_500);
  private static final long MOST_OCTETS_A_SECOND = 1_024;

  @TempDir Path folder;

  @Test
  void aSlowRedisIsAskedByOneProbeAtATimeAndByNobodyElse() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.delay(Direction.TO_CLIENT, Duration.ofMillis(200));
      site.untilAlone();
      long before = scripts(site.redis);
      try (Load load = Load.start(site.house, site.started())) {
        load.goOn(AWHILE);
        // One in 300 ms: a pause of 100 and an answer that takes 200.
        assertThat(scripts(site.redis) - before).isBetween(1L, 8L);
        assertThat(load.outcomes()).containsOnlyKeys("200");
      }
    }
  }

  @Test
  void aRedisThatIsSlowEveryOtherMomentIsLeftAloneMoreAndMore() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis();
        Load load = Load.start(site.house, site.started())) {
      long missed = missed(site);
      long answered = load.answered();
      int changes = 0;
      long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
      while (System.nanoTime() < end) {
        site.relay.delay(Direction.TO_CLIENT, Duration.ofMillis(250));
        LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
        site.relay.pass();
        LockSupport.parkNanos(Duration.ofMillis(150).toNanos());
        changes++;
      }
      assertThat(changes).isGreaterThan(5);
      assertThat(load.outcomes()).containsOnlyKeys("200");
      // All callers wait once for each time that the breaker was closed, which is seldom.
      assertThat(missed(site) - missed).isLessThan(8L * changes);
      assertThat(load.answered() - answered).isGreaterThan(20 * (missed(site) - missed));
      assertThat(site.log.octets()).isLessThan(5 * MOST_OCTETS_A_SECOND);
    }
  }

  @Test
  void theLogOfAnOutageUnderLoadIsShort() throws Exception {
    assertShortLog("killed", site -> site.redis.kill());
    assertShortLog("hung", site -> site.redis.pause());
    assertShortLog("black hole", site -> site.relay.blackHole());
    assertShortLog("reset in each reply", site -> site.relay.resetAfter(300));
    assertShortLog(
        "turned away",
        site -> {
          site.relay.turnAway();
          site.relay.cut();
        });
    assertShortLog("no memory", site -> site.redis.send("CONFIG", "SET", "maxmemory", "1"));
    assertShortLog("no right", site -> site.redis.send("ACL", "SETUSER", "default", "-evalsha"));
  }

  @Test
  void theLogOfManySpoiltKeysIsShort() throws Exception {
    assertShortLog(
        "spoilt keys",
        site -> {
          String spoil =
              "for _, key in ipairs(redis.call('KEYS', 'sluice:*:main:*')) do"
                  + " redis.call('SET', key, 'rubbish') end";
          for (int i = 0; i < 50; i++) {
            site.redis.send("EVAL", spoil, "0");
            site.left("eve");
          }
        });
  }

  private interface Fault {
    void of(FailingRedis site);
  }

  private void assertShortLog(String name, Fault fault) throws Exception {
    try (FailingRedis site = new FailingRedis(folder.resolve(name)).gatewayOnRedis();
        Load load = Load.start(site.house, site.started())) {
      load.goOn(200);
      long start = System.nanoTime();
      fault.of(site);
      load.goOn(AWHILE);
      double seconds = (System.nanoTime() - start) / 1e9;
      assertThat(site.log.octets() / seconds).as(name).isLessThan(MOST_OCTETS_A_SECOND);
      assertThat(site.log.ofStore()).as(name).isNotEmpty();
      assertThat(load.outcomes()).as(name).containsOnlyKeys("200");
    }
  }

  /** Returns how often a script was called. */
  private static long scripts(LocalRedis redis) {
    return redis
        .send("INFO", "commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_eval"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^,]*calls=(\\d+),.*", "$1")))
        .sum();
  }

  private static long missed(FailingRedis site) {
    return site.started().engine().storeStatus().missedDeadlines();
  }
}
