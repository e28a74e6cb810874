package io.sluice.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LettuceLinkTest {

  private static final RedisScript COUNT = new RedisScript("return redis.call('INCR', KEYS[1])");
  private static final byte[] KEY = "count".getBytes(UTF_8);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Test
  void runsScriptsAndReturnsRepliesOfAnyForm() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = link(redis)) {
      assertThat(link.awaitUp(PATIENCE)).isTrue();

      assertThat(eval(link, "return 7")).isEqualTo(7L);
      assertThat(eval(link, "return KEYS[1] .. ARGV[1]")).isEqualTo("count!".getBytes(UTF_8));
      assertThat(eval(link, "return false")).isNull();
      assertThat(eval(link, "return {}")).isEqualTo(List.of());
      assertThat((List<?>) eval(link, "return {1, {false, 'x', {}}, 2}"))
          .usingRecursiveComparison()
          .isEqualTo(Arrays.asList(1L, Arrays.asList(null, "x".getBytes(UTF_8), List.of()), 2L));
      assertThat(get(link.delete(KEY))).isZero();
      assertThat(count(link)).isEqualTo(1L);
      assertThat(get(link.delete(KEY))).isEqualTo(1L);
    }
  }

  @Test
  void tellsTheTimeOfRedis() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = link(redis)) {
      link.awaitUp(PATIENCE);

      long before = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - 1);
      long there = get(link.epochNanos());

      assertThat(there).isBetween(before, before + PATIENCE.toNanos());
    }
  }

  @Test
  void knowsWhenAllThatHasComeIsRead() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = link(redis)) {
      link.awaitUp(PATIENCE);
      CountDownLatch busy = new CountDownLatch(1);
      CountDownLatch free = new CountDownLatch(1);
      List<CompletableFuture<Long>> second = new CopyOnWriteArrayList<>();
      link.afterReading(() -> {
        second.add(link.epochNanos().toCompletableFuture());
        busy.countDown();
        await(free); // The thread that reads is at work.
      });
      await(busy);
      redis.send("TIME"); // By the second answer to another connection
      redis.send("TIME"); // the second question is answered too.

      CompletableFuture<Boolean> read = new CompletableFuture<>();
      link.afterReading(() -> read.complete(second.get(0).isDone()));
      assertThat(second.get(0)).isNotDone();
      free.countDown();

      assertThat(get(read)).isTrue();
    }
  }

  @Test
  void hasNothingToReadWithoutRedis() throws Exception {
    try (LocalRedis redis = LocalRedis.start()) {
      redis.kill();
      try (LettuceLink link = link(redis)) {
        CompletableFuture<Boolean> read = new CompletableFuture<>();
        link.afterReading(() -> read.complete(true));
        assertThat(get(read)).isTrue();
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void bringsScriptsAgainWhenRedisForgotThem() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = link(redis)) {
      link.awaitUp(PATIENCE);
      assertThat(count(link)).isEqualTo(1L);

      redis.send("SCRIPT", "FLUSH");

      assertThat(count(link)).isEqualTo(2L);
      assertThat(count(link)).isEqualTo(3L);
      assertThat(redis.send("INFO", "commandstats"))
          .contains("cmdstat_eval:calls=2,", "cmdstat_evalsha:calls=3,");
    }
  }

  @Test
  void startsWithoutRedisAndAttachesWhenItComes() throws Exception {
    try (LocalRedis redis = LocalRedis.start()) {
      redis.kill();
      try (LettuceLink link = link(redis)) {
        assertThat(link.awaitUp(Duration.ofMillis(50))).isFalse();
        assertThat(link.isUp()).isFalse();
        awaitProblem(link, "cannot be reached");
        assertThat(problem(link))
            .startsWith(
                "redis://127.0.0.1:" + redis.port() + "/0 cannot be reached (connection refused)")
            .contains("start Redis or correct redis.host and redis.port");
        assertFailsAtOnce(link, "cannot be reached");

        redis.restart();

        assertWithinTwoSeconds(Eventually.becomes("the link is up", link::isUp));
        assertThat(count(link)).isEqualTo(1L);
      }
    }
  }

  @Test
  void comesBackWithinTwoSecondsWhenRedisWasKilledAndReplaysNothing() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = link(redis)) {
      link.awaitUp(PATIENCE);
      count(link);
      redis.pause();
      List<CompletableFuture<Object>> underWay = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        underWay.add(run(link));
      }

      redis.kill();

      for (CompletableFuture<Object> command : underWay) {
        assertThatThrownBy(() -> command.get(20, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .hasCauseInstanceOf(RedisUnavailableException.class);
      }
      Eventually.becomes("the link is down", () -> !link.isUp());
      assertFailsAtOnce(link, "127.0.0.1:" + redis.port());
      redis.restart();
      assertWithinTwoSeconds(Eventually.becomes("the link is up", link::isUp));
      assertThat(count(link)).isEqualTo(1L);
    }
  }

  @Test
  void aLostConnectionFailsWhatIsUnderWayAndSendsNothingTwice() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = link(redis)) {
      link.awaitUp(PATIENCE);
      count(link);
      redis.send("CLIENT", "PAUSE", "60000", "WRITE");
      CompletableFuture<Object> underWay = run(link);
      Eventually.becomes(
          "the command is sent", () -> redis.send("INFO", "clients").contains("blocked_clients:1"));

      redis.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");

      assertThat(problemOf(underWay).isUndone()).isFalse();
      redis.send("CLIENT", "UNPAUSE");
      // What was under way fails before the loss is noticed, so "up" may still be the old line.
      Eventually.becomes("the link is usable", () -> answers(link));
      assertThat(count(link)).isEqualTo(2L);
    }
  }

  @Test
  void completesEachCommandInTimeWhileRedisHangsAndIsUsableAgainAfterwards() throws Exception {
    Duration hasty = Duration.ofMillis(10);
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link =
            new LettuceLink(settings(redis.port(), null, null, 0, hasty), System::nanoTime)) {
      link.awaitUp(PATIENCE);
      redis.pause();

      for (int i = 0; i < 5; i++) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> get(link.epochNanos()))
            .hasCauseInstanceOf(RedisUnavailableException.class)
            .hasMessageContaining("did not answer within 160 ms");
        assertThat(System.nanoTime() - start).isBetween(159_000_000L, 1_500_000_000L);
      }

      redis.resume();
      assertWithinTwoSeconds(Eventually.becomes("it answers", () -> answers(link)));
    }
  }

  @Test
  void givesAConnectionUpThatHangsForLongAndFindsBack() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = link(redis)) {
      link.awaitUp(PATIENCE);
      redis.pause();

      long silence =
          Eventually.becomes("the connection is given up", () -> !answers(link) && !link.isUp());

      assertThat(silence).isGreaterThan(900_000_000L);
      awaitProblem(link, "does not answer within 1000 ms; it hangs, or is no Redis");
      redis.resume();
      assertWithinTwoSeconds(Eventually.becomes("it answers", () -> answers(link)));
    }
  }

  @Test
  void namesAWrongPasswordAndAttachesWhenItIsCorrected() throws Exception {
    try (LocalRedis redis = LocalRedis.builder().password("right").start();
        LettuceLink link = new LettuceLink(settings(redis.port(), "wrong", 0), System::nanoTime)) {
      awaitProblem(link, "WRONGPASS");
      assertThat(problem(link))
          .contains("redis.username and redis.password (REDIS_PASSWORD)")
          .doesNotContain("right");
      assertFailsAtOnce(link, "WRONGPASS");

      assertThat(redis.send("CONFIG", "SET", "requirepass", "wrong")).isEqualTo("OK");

      assertWithinTwoSeconds(Eventually.becomes("the link is up", link::isUp));
      assertThat(count(link)).isEqualTo(1L);
    }
  }

  @Test
  void namesAMissingPassword() {
    try (LocalRedis redis = LocalRedis.builder().password("right").start();
        LettuceLink link = link(redis)) {
      awaitProblem(link, "NOAUTH");
      assertThat(link.isUp()).isFalse();
    }
  }

  @Test
  void namesAWrongDatabase() {
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = new LettuceLink(settings(redis.port(), null, 99), System::nanoTime)) {
      awaitProblem(link, "DB index is out of range");
      assertThat(problem(link)).endsWith("correct redis.database (REDIS_DB)");
    }
  }

  @Test
  void usesTheDatabaseAndTheUserAsked() throws Exception {
    try (LocalRedis redis =
            LocalRedis.builder()
                .directive("user gateway on >secret ~count +evalsha +eval +incr +select +time")
                .start();
        LettuceLink link =
            new LettuceLink(settings(redis.port(), "gateway", "secret", 3), System::nanoTime)) {
      assertThat(link.awaitUp(PATIENCE)).isTrue();
      assertThat(count(link)).isEqualTo(1L);
      assertThat(redis.send("INFO", "keyspace")).contains("db3:keys=1");

      assertThatThrownBy(() -> get(link.delete(KEY)))
          .hasCauseInstanceOf(RedisUnavailableException.class)
          .hasMessageContaining("NOPERM")
          .hasMessageContaining("grant the user");
    }
  }

  @Test
  void namesTheCauseOfAnswersOfErrorType() throws Exception {
    try (LocalRedis redis = LocalRedis.builder().directive("maxmemory 1").start();
        LettuceLink link = link(redis)) {
      link.awaitUp(PATIENCE);

      assertThatThrownBy(() -> count(link))
          .hasCauseInstanceOf(RedisUnavailableException.class)
          .hasMessageContaining("OOM")
          .hasMessageContaining("volatile-ttl");
    }
  }

  @Test
  void dialsAnewWhenItsMasterBecameAReplica() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = link(redis)) {
      link.awaitUp(PATIENCE);
      count(link);
      redis.send("REPLICAOF", "127.0.0.1", "1");

      assertThatThrownBy(() -> count(link)).hasMessageContaining("READONLY");
      Eventually.becomes("the problem is told", () -> problem(link).contains("it is a replica"));
      redis.send("REPLICAOF", "NO", "ONE");

      Eventually.becomes("the link is up", link::isUp);
      assertThat(count(link)).isEqualTo(2L);
    }
  }

  @Test
  void namesAServerThatSpeaksNoRedis() throws Exception {
    try (ForeignServer http = new ForeignServer("HTTP/1.1 400 Bad Request\r\n\r\n", false);
        LettuceLink link = new LettuceLink(settings(http.port(), null, 0), System::nanoTime)) {
      awaitProblem(link, "does not answer as Redis does");
      assertThat(problem(link)).endsWith("correct redis.host and redis.port");
      assertThat(link.isUp()).isFalse();
    }
  }

  @Test
  void namesAServerThatSaysNothing() throws Exception {
    try (ForeignServer mute = new ForeignServer("", false);
        LettuceLink link = new LettuceLink(settings(mute.port(), null, 0), System::nanoTime)) {
      awaitProblem(link, "accepts connections but does not answer within 1000 ms");
    }
  }

  @Test
  void namesAServerThatHangsUp() throws Exception {
    try (ForeignServer rude = new ForeignServer("", true);
        LettuceLink link = new LettuceLink(settings(rude.port(), null, 0), System::nanoTime)) {
      awaitProblem(link, "closes connections at once");
      int before = rude.connections();
      assertThatThrownBy(() -> get(link.epochNanos())).hasMessageContaining("closes connections");
      Eventually.becomes("it has tried again", () -> rude.connections() > before);
    }
  }

  /** A name may lead to the new master by then. */
  @Test
  void leavesAReplicaThatSaysSoAsRedis6DoesInScripts() throws Exception {
    RedisScript refused =
        new RedisScript(
            """
            return redis.error_reply('ERR Error running script (call to f_6b1bf486): '
              .. '@user_script:1: @user_script: 1: -READONLY You can not write here.')
            """);
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = link(redis)) {
      List<String> events = heard(link);
      String refusal =
          "redis://127.0.0.1:%d/0 answers: READONLY You can not write here.; it is a replica; %s"
              .formatted(redis.port(), Origin.HOST.replica());
      Eventually.becomes("the link is up", () -> events.size() == 1);
      assertThatThrownBy(() -> get(link.run(refused, List.of(KEY), List.of())))
          .hasMessageContaining(refusal);
      Eventually.becomes("it has dialled anew", () -> events.size() == 3);
      assertThat(events).containsExactly("up", refusal, "up");
    }
  }

  @Test
  void namesAHostWithoutAddress() {
    RedisSettings nowhere = RedisSettings.at("no.such.host.invalid", 6379);
    try (LettuceLink link = new LettuceLink(nowhere, System::nanoTime)) {
      awaitProblem(link, "no address is known for the host; correct redis.host");
    }
  }

  @Test
  void tellsWatchersWhatHappens() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        LettuceLink link = link(redis)) {
      List<String> events = heard(link);
      Eventually.becomes("the link is up", () -> events.equals(List.of("up")));
      redis.kill();
      Eventually.becomes("the link is down", () -> events.size() > 1);
      redis.restart();
      Eventually.becomes("the link is up again", () -> events.lastIndexOf("up") > 1);
      assertThat(events.get(1)).contains("closed the connection");
    }
  }

  /** Returns what a link tells its watchers, as it comes: up, or why it is down. */
  private static List<String> heard(LettuceLink link) {
    List<String> events = new CopyOnWriteArrayList<>();
    link.watch(
        new WatchedLink.Watcher() {
          @Override
          public void up() {
            events.add("up");
          }

          @Override
          public void down(RedisUnavailableException problem) {
            events.add(String.valueOf(problem.getMessage()));
          }
        });
    return events;
  }

  @Test
  void leavesNoThreadBehind() throws Exception {
    try (LocalRedis redis = LocalRedis.start()) {
      LettuceLink link = link(redis);
      link.awaitUp(PATIENCE);
      assertThat(threads()).isNotEmpty();

      link.close();

      assertThatThrownBy(() -> get(link.epochNanos()))
          .hasCauseInstanceOf(RedisUnavailableException.class);
      Eventually.becomes("no thread is left", () -> threads().isEmpty());
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("lettuce-") || name.startsWith("sluice-redis"))
        .toList();
  }

  private static void assertFailsAtOnce(LettuceLink link, String message) {
    CompletableFuture<Object> answer = run(link);
    assertThat(answer).isCompletedExceptionally();
    assertThat(problemOf(answer)).hasMessageContaining(message);
    assertThat(problemOf(answer).isUndone()).isTrue();
  }

  private static RedisUnavailableException problemOf(CompletableFuture<Object> command) {
    Throwable failure =
        command.<Throwable>handle((reply, why) -> why).orTimeout(20, TimeUnit.SECONDS).join();
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    assertThat(cause).isInstanceOf(RedisUnavailableException.class);
    return (RedisUnavailableException) cause;
  }

  private static void assertWithinTwoSeconds(long nanos) {
    assertThat(nanos).isLessThan(2_000_000_000L);
  }

  private static void awaitProblem(LettuceLink link, String text) {
    Eventually.becomes("problem '" + text + "'", () -> problem(link).contains(text));
  }

  private static String problem(LettuceLink link) {
    return link.lastProblem().orElse("");
  }

  private static boolean answers(LettuceLink link) {
    try {
      return get(link.epochNanos()) > 0;
    } catch (ExecutionException e) {
      return false;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Object eval(LettuceLink link, String script) throws Exception {
    return get(link.run(new RedisScript(script), List.of(KEY), List.of("!".getBytes(UTF_8))));
  }

  private static Object count(LettuceLink link) throws Exception {
    return get(run(link));
  }

  private static CompletableFuture<Object> run(LettuceLink link) {
    return link.run(COUNT, List.of(KEY), List.of()).toCompletableFuture();
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static LettuceLink link(LocalRedis redis) {
    return new LettuceLink(settings(redis.port(), null, 0), System::nanoTime);
  }

  private static RedisSettings settings(int port, @Nullable String password, int database) {
    return settings(port, null, password, database);
  }

  /** Patience for a machine that is busy with other tests: commands are given up after 2 s. */
  private static RedisSettings settings(
      int port, @Nullable String username, @Nullable String password, int database) {
    return settings(port, username, password, database, Duration.ofMillis(500));
  }

  private static RedisSettings settings(
      int port,
      @Nullable String username,
      @Nullable String password,
      int database,
      Duration timeout) {
    return RedisSettings.at(LocalRedis.HOST, port)
        .with(new RedisLogin(username, password))
        .with(timeout)
        .inDatabase(database);
  }
}
