package io.sluice.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.cluster.SlotHash;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FreePort;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LogLines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asking who serves the slots goes on, whatever happens to one asking. */
@Timeout(120)
class ClusterSurveyTest {

  private final LogLines lines = new LogLines(ClusterLink.class);

  @AfterEach
  void deafen() {
    lines.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"connected", "take", "lookFurther", "firstProblem", "isServed"})
  void aDefectEndsOneAskingOnly(String where) throws Exception {
    ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    try (LocalRedis redis = LocalRedis.builder().directive("cluster-enabled yes").start();
        LettuceLink link = new LettuceLink(settings(redis.port()), System::nanoTime)) {
      assertThat(link.awaitUp(Duration.ofSeconds(20))).isTrue();
      ClusterNode node = node(new RedisAddress(LocalRedis.HOST, redis.port()), link);
      FaultyNodes nodes = new FaultyNodes(where, node);
      ClusterSurvey survey =
          new ClusterSurvey(nodes, settings(redis.port()), executor, System::nanoTime);
      executor.execute(survey::want);
      Eventually.becomes("it fails", () -> nodes.failures.get() > 0);
      Eventually.becomes("the end of the asking", () -> nodes.ends.get() > 0);
      executor.execute(survey::want);
      Eventually.becomes("it asks again", () -> nodes.ends.get() > 1);
    } finally {
      executor.shutdownNow();
    }
  }

  /** Fails once, in one of its duties, and counts the askings that came to their end. */
  private static final class FaultyNodes implements ClusterSurvey.Nodes {

    private final String where;
    private final ClusterNode node;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();

    FaultyNodes(String where, ClusterNode node) {
      this.where = where;
      this.node = node;
    }

    private void pass(String here) {
      if (here.equals(where) && failures.getAndIncrement() == 0) {
        throw new IllegalStateException("a defect, for the test's sake");
      }
    }

    @Override
    public Iterator<ClusterNode> connected() {
      pass("connected");
      return List.of(node).iterator();
    }

    @Override
    public boolean take(Object reply, ClusterNode told) {
      pass("take");
      return !where.equals("lookFurther") && !where.equals("firstProblem");
    }

    @Override
    public void lookFurther() {
      pass("lookFurther");
      ends.incrementAndGet();
    }

    @Override
    public Optional<String> firstProblem() {
      pass("firstProblem");
      return Optional.empty();
    }

    @Override
    public boolean isServed() {
      pass("isServed");
      ends.incrementAndGet();
      return true;
    }
  }

  @Test
  void nodesThatComeUnderSuspicionWhileTheyAreOrderedAreAllAsked() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try (LettuceLink link = new LettuceLink(settings(FreePort.choose()), System::nanoTime)) {
      List<ClusterNode> nodes = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        nodes.add(node(new RedisAddress(LocalRedis.HOST, i + 1), link));
      }
      Thread moods =
          new Thread(
              () -> {
                for (int i = 0; !over.get(); i = (i + 7) % nodes.size()) {
                  nodes.get(i).suspect(!nodes.get(i).isSuspected());
                }
              },
              "moods");
      moods.start();
      try {
        for (int i = 0; i < 2_000; i++) {
          assertThat(ClusterTopology.trustedFirst(nodes)).hasSize(nodes.size());
        }
      } finally {
        over.set(true);
        moods.join();
      }
      nodes.forEach(node -> node.suspect(node.address().port() < 3));
      assertThat(ClusterTopology.trustedFirst(nodes))
          .startsWith(nodes.get(2))
          .endsWith(nodes.get(0), nodes.get(1))
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void aServerWhoseAnswerIsNoneIsNamedOnceInTenSeconds() throws Exception {
    try (LocalRedis foreign =
            LocalRedis.builder()
                .directive("rename-command CLUSTER \"\"")
                .directive("rename-command ECHO CLUSTER")
                .start();
        ClusterLink link = link(foreign)) {
      long begun = System.nanoTime();
      Eventually.becomes("it is asked ten times", () -> calls(foreign, "echo") > 10);
      List<String> warnings = warnings();
      long tens = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun) / 10;
      assertThat(warnings).hasSizeBetween(1, (int) tens + 1);
      assertThat(warnings.get(0))
          .isEqualTo(
              "WARN 127.0.0.1:%d does not tell the slots of its cluster: not a reply to CLUSTER SLOTS: SLOTS"
                  .formatted(foreign.port()));
      assertThat(link.unserved()).isEqualTo(SlotLinks.SLOTS);
    }
  }

  @Test
  void aRedirectionThatLeadsNowhereHasTheSlotsAskedFor() {
    try (LocalRedis node = LocalRedis.builder().directive("cluster-enabled yes").start()) {
      assertThat(node.send("CLUSTER", "ADDSLOTSRANGE", "0", "16383")).isEqualTo("OK");
      try (ClusterLink link = link(node)) {
        Eventually.becomes("all is served", () -> link.unserved() == 0);
        Eventually.becomes("it decides", () -> node.send("SET", "a", "0").equals("OK"));
        for (String there : List.of(":0", "?:%d", ":%d", "127.0.0.1:%d")) {
          assertThat(node.send("SET", "a", "0")).isEqualTo("OK");
          assertLeadsNowhere(link, node, there.formatted(node.port()));
        }
      }
    }
  }

  private static void assertLeadsNowhere(ClusterLink link, LocalRedis node, String there) {
    RedisScript astray =
        new RedisScript(
            "redis.call('INCR', KEYS[1]) return redis.error_reply('MOVED %d %s')"
                .formatted(SlotHash.getSlot("a"), there));
    long asked = calls(node, "cluster|slots");
    long begun = System.nanoTime();
    assertThat(link.run(astray, List.of("a".getBytes(UTF_8)), List.of()))
        .failsWithin(Duration.ofSeconds(20))
        .withThrowableThat()
        .withMessageContaining("MOVED");
    assertThat(node.send("GET", "a")).as("tried again four times: %s", there).isEqualTo("5");
    Eventually.becomes("the slots are asked for", () -> calls(node, "cluster|slots") > asked);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun)).isLessThan(5);
  }

  private List<String> warnings() {
    return lines.get().stream().filter(line -> line.startsWith("WARN")).toList();
  }

  private static long calls(LocalRedis redis, String command) {
    return redis
        .send("INFO", "commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_" + command + ':'))
        .map(line -> line.replaceFirst(".*:calls=", "").replaceFirst(",.*", ""))
        .mapToLong(Long::parseLong)
        .sum();
  }

  private static RedisSettings settings(int port) {
    return RedisSettings.at(LocalRedis.HOST, port);
  }

  private static ClusterNode node(RedisAddress address, LettuceLink link) {
    return new ClusterNode(
        address, link, new RedisClock(link, () -> 0, System::nanoTime), System.nanoTime());
  }

  private static ClusterLink link(LocalRedis node) {
    return new ClusterLink(
        RedisSettings.at("nowhere", 1)
            .with(
                new RedisTopology.Cluster(List.of(new RedisAddress(LocalRedis.HOST, node.port()))))
            .with(Duration.ofSeconds(5)),
        () -> System.currentTimeMillis() * 1_000_000,
        System::nanoTime);
  }
}
