package io.sluice.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LocalSentinel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The link to a master that real Sentinels watch. */
@Timeout(120)
class SentinelLinkTest {

  private static final RedisScript COUNT = new RedisScript("return redis.call('INCR', KEYS[1])");
  private static final byte[] KEY = "count".getBytes(UTF_8);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** The bar is a second; twice that on a machine that is busy with other tests. */
  private static final long SOON = TimeUnit.SECONDS.toNanos(2);

  @Test
  void followsTheMasterWhenItIsKilledAndWhenTheNextOneHangs() throws Exception {
    try (LocalSentinel all = LocalSentinel.start();
        LettuceLink link = link(all)) {
      LocalRedis first = all.master();
      assertThat(count(link)).isEqualTo(1L);
      assertThat(first.send("WAIT", "2", "10000")).isEqualTo("2");

      first.kill();

      LocalRedis second = all.awaitSuccessor(first);
      assertThat(Eventually.becomes("the link is up", () -> answers(link))).isLessThan(SOON);
      assertThat(second.send("GET", "count")).isNotEqualTo("(nil)");
      all.awaitNamed(second);
      all.rejoin(first);

      second.pause();

      LocalRedis third = all.awaitSuccessor(second);
      assertThat(Eventually.becomes("the link is up again", () -> answers(link))).isLessThan(SOON);
      assertThat(third.send("GET", "count")).isNotEqualTo("(nil)");
    }
  }

  @Test
  void goesAlongWithAFailoverByHandAndTheOldMasterRefusesWrites() throws Exception {
    try (LocalSentinel all = LocalSentinel.start();
        LettuceLink link = link(all)) {
      LocalRedis first = all.master();
      count(link);

      all.failOver();

      LocalRedis second = all.awaitSuccessor(first);
      long start = System.nanoTime();
      Eventually.becomes(
          "it counts there",
          () ->
              answers(link)
                  && LocalSentinel.tells(second, "cmdstat_evalsha", "INFO", "commandstats"));
      assertThat(System.nanoTime() - start).isLessThan(SOON);
      Eventually.becomes("it is a replica", () -> LocalSentinel.tells(first, "slave", "ROLE"));
      assertThat(first.send("SET", "key", "value")).startsWith("(error) READONLY");
      assertThat(count(link)).isPositive();
    }
  }

  @Test
  void leavesAnOldMasterAtOnceThoughItAnswersStill() throws Exception {
    try (LocalRedis old = LocalRedis.start();
        LocalRedis next = LocalRedis.start();
        LocalRedis sentinel = sentinel("", old);
        LettuceLink link = link(sentinel)) {
      count(link);
      sentinel.send("SENTINEL", "REMOVE", LocalSentinel.NAME);
      assertThat(count(link)).isEqualTo(2L);

      sentinel.send("SENTINEL", "MONITOR", LocalSentinel.NAME, "127.0.0.1", port(next), "1");

      Eventually.becomes("it counts there", () -> answers(link) && !nil(next));
      String left = old.send("GET", "count");
      long there = Long.parseLong(next.send("GET", "count"));
      for (int i = 1; i <= 100; i++) {
        assertThat(count(link)).isEqualTo(there + i);
      }
      assertThat(old.send("GET", "count")).isEqualTo(left);
      assertThat(problem(link))
          .isEqualTo(
              "127.0.0.1:%s is master of mymaster no more; the Sentinels name 127.0.0.1:%s"
                  .formatted(port(old), port(next)));
    }
  }

  @Test
  void believesTheSentinelWithTheNewestConfiguration() throws Exception {
    try (LocalRedis old = LocalRedis.start();
        LocalRedis next = LocalRedis.start();
        LocalRedis cutOff = sentinel("sentinel config-epoch mymaster 4", old);
        LocalRedis informed = sentinel("sentinel config-epoch mymaster 5", next);
        LettuceLink link = link(cutOff, informed)) {
      Eventually.becomes("it counts there", () -> answers(link) && !nil(next));
      long there = Long.parseLong(next.send("GET", "count"));
      for (int i = 1; i <= 400; i++) {
        assertThat(count(link)).isEqualTo(there + i);
        TimeUnit.MILLISECONDS.sleep(2);
        if (i == 200) {
          informed.kill(); // The one that is left goes by the old configuration.
        }
      }
    }
  }

  @Test
  void staysWithTheMasterWhileAPromotionFails() throws Exception {
    try (LocalSentinel all = LocalSentinel.start();
        LettuceLink link = link(all)) {
      count(link);
      LocalRedis master = all.master();
      all.servers().stream()
          .filter(server -> !server.equals(master))
          .forEach(replica -> replica.send("ACL", "SETUSER", "default", "-replicaof", "-slaveof"));
      LocalRedis leader = all.sentinels().get(0);

      all.failOver();

      Eventually.becomes(
          "a replica is to be promoted",
          () -> LocalSentinel.tells(leader, "promoted", "SENTINEL", "REPLICAS", "mymaster"));
      while (LocalSentinel.tells(leader, "promoted", "SENTINEL", "REPLICAS", "mymaster")) {
        assertThat(answers(link)).isTrue();
      }
    }
  }

  @Test
  void doesNotAdoptAReplicaAndSaysSo() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        LocalRedis sentinel = sentinel("", redis);
        LettuceLink link = link(sentinel)) {
      count(link);

      redis.send("REPLICAOF", "127.0.0.1", "1");
      Eventually.becomes("it is refused", () -> !answers(link));
      awaitProblem(link, "says that it is a slave; asking again");

      redis.send("REPLICAOF", "NO", "ONE");
      assertThat(Eventually.becomes("the link is up", () -> answers(link))).isLessThan(SOON);
    }
  }

  @Test
  void aReplicaWithoutItsMasterIsNoMasterEither() throws Exception {
    try (LocalRedis redis = LocalRedis.builder().directive("replica-serve-stale-data no").start();
        LocalRedis sentinel = sentinel("", redis);
        LettuceLink link = link(sentinel)) {
      count(link);

      redis.send("REPLICAOF", "127.0.0.1", "1");

      assertThatThrownBy(() -> count(link)).hasMessageContaining("MASTERDOWN");
      awaitProblem(link, "says that it is a slave");
      assertThat(link.isUp()).isFalse();
    }
  }

  @Test
  void sentinelsThatGoAwayChangeNothingWhileTheMasterIsWell() throws Exception {
    try (LocalSentinel all = LocalSentinel.start(1, null);
        LettuceLink link = link(all)) {
      count(link);
      all.sentinels().get(0).pause();
      all.sentinels().get(1).kill();
      all.sentinels().get(2).kill();

      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
      for (long i = 2; System.nanoTime() < end; i++) {
        assertThat(count(link)).isEqualTo(i);
        TimeUnit.MILLISECONDS.sleep(5);
      }
    }
  }

  @Test
  void withoutSentinelsAndMasterItWaitsForBoth() throws Exception {
    try (LocalSentinel all = LocalSentinel.start(1, null);
        LettuceLink link = link(all)) {
      count(link);
      all.sentinels().forEach(LocalRedis::kill);
      all.servers().get(0).kill();
      awaitProblem(link, "cannot be reached (connection refused)");
      assertThat(problem(link))
          .startsWith("redis-sentinel://127.0.0.1:")
          .contains("no Sentinel names the master: Sentinel 127.0.0.1:")
          .endsWith("start it or correct redis.sentinel.nodes");

      all.sentinels().forEach(LocalRedis::restart);

      Eventually.becomes("the link is up", () -> answers(link));
    }
  }

  @Test
  void findsTheOtherSentinelsByOne() throws Exception {
    try (LocalSentinel all = LocalSentinel.start();
        LettuceLink link = link(all.sentinels().get(0))) {
      LocalRedis first = all.master();
      count(link);
      Eventually.becomes(
          "asking the others",
          () -> all.sentinels().get(1).send("CLIENT", "LIST").contains("cmd=sentinel"));
      all.sentinels().get(0).kill();

      first.kill();

      all.awaitSuccessor(first);
      assertThat(Eventually.becomes("the link is up", () -> answers(link))).isLessThan(SOON);
    }
  }

  @Test
  void saysThatNoSentinelKnowsTheName() {
    try (LocalRedis redis = LocalRedis.start();
        LocalRedis sentinel = sentinel("", redis);
        LettuceLink link = link("othermaster", RedisLogin.NONE, List.of(sentinel))) {
      awaitProblem(link, "knows no master");
      assertThat(problem(link))
          .endsWith(
              "no Sentinel names the master: Sentinel 127.0.0.1:%s knows no master \"othermaster\" (ERR No such master with that name); correct redis.sentinel.master"
                  .formatted(port(sentinel)));
    }
  }

  @Test
  void saysThatTheSentinelsTakeAnotherPasswordAndComesWhenItIsCorrected() throws Exception {
    try (LocalSentinel all = LocalSentinel.start(1, "right");
        LettuceLink link =
            link(LocalSentinel.NAME, new RedisLogin(null, "wrong"), all.sentinels())) {
      awaitProblem(link, "WRONGPASS");
      assertThat(problem(link))
          .endsWith("correct redis.sentinel.username and redis.sentinel.password")
          .doesNotContain("right");

      assertThat(all.sentinels().get(0).send("ACL", "SETUSER", "default", ">wrong"))
          .isEqualTo("OK");

      Eventually.becomes("the link is up", link::isUp);
      assertThat(count(link)).isEqualTo(1L);
    }
  }

  @Test
  void saysThatTheMasterNamedCannotBeReached() {
    try (LocalRedis redis = LocalRedis.start();
        LocalRedis sentinel = sentinel("", redis)) {
      redis.kill();
      try (LettuceLink link = link(sentinel)) {
        awaitProblem(link, "cannot be reached");
        assertThat(problem(link))
            .isEqualTo(
                "127.0.0.1:%s, named as master of mymaster, cannot be reached (connection refused); start Redis or correct what the Sentinels announce"
                    .formatted(port(redis)));
      }
    }
  }

  @Test
  void saysThatARedisIsNoSentinel() {
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = link(redis)) {
      awaitProblem(link, "it is no Sentinel; correct redis.sentinel.nodes");
    }
  }

  @Test
  void endsWhileNobodyAnswers() {
    try (LocalRedis redis = LocalRedis.start()) {
      redis.kill();
      long start = System.nanoTime();
      link(redis).close();
      assertThat(System.nanoTime() - start).isLessThan(PATIENCE.toNanos());
    }
  }

  private static LocalRedis sentinel(String line, LocalRedis master) {
    return LocalSentinel.alone(null, master.port(), line);
  }

  private static LettuceLink link(LocalSentinel all) {
    return link(LocalSentinel.NAME, RedisLogin.NONE, all.sentinels());
  }

  private static LettuceLink link(LocalRedis... sentinels) {
    return link(LocalSentinel.NAME, RedisLogin.NONE, Arrays.asList(sentinels));
  }

  private static LettuceLink link(String name, RedisLogin login, List<LocalRedis> sentinels) {
    List<RedisAddress> nodes =
        sentinels.stream().map(each -> new RedisAddress(LocalRedis.HOST, each.port())).toList();
    return new LettuceLink(
        RedisSettings.at("nowhere", 1)
            .with(new RedisTopology.Sentinel(name, nodes, login))
            .with(Duration.ofMillis(250)),
        System::nanoTime);
  }

  private static String port(LocalRedis redis) {
    return Integer.toString(redis.port());
  }

  private static boolean nil(LocalRedis redis) {
    return redis.send("GET", "count").equals("(nil)");
  }

  private static long count(LettuceLink link) throws Exception {
    assertThat(link.awaitUp(PATIENCE)).isTrue();
    return (Long)
        link.run(COUNT, List.of(KEY), List.of()).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static boolean answers(LettuceLink link) {
    try {
      link.run(COUNT, List.of(KEY), List.of()).toCompletableFuture().get(20, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(RedisUnavailableException.class);
      return false;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitProblem(LettuceLink link, String part) {
    Eventually.becomes("problem: " + part, () -> problem(link).contains(part));
  }

  private static String problem(LettuceLink link) {
    return link.lastProblem().orElse("none");
  }
}
