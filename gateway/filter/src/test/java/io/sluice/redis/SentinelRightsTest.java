package io.sluice.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LocalSentinel;
import io.sluice.fixtures.LogLines;
import io.sluice.fixtures.ShippedRights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rights that {@code docs/redis.md} lists for the user of Sentinels: enough for all that
 * gateways ask, and not one more.
 */
@Timeout(120)
class SentinelRightsTest {

  private static final Path DOCS = Path.of("../../docs/redis.md");
  private static final RedisScript COUNT =
      new RedisScript("return redis.call('PEXPIRE', KEYS[1], '1')");
  private static final List<byte[]> KEY = List.of("sluice:count".getBytes(UTF_8));

  private static LocalSentinel all;

  private final LogLines lines = new LogLines(SentinelPost.class);

  @BeforeAll
  static void start() throws IOException {
    all = LocalSentinel.start(1, null);
    for (LocalRedis server : all.servers()) {
      setUser(server, "sluice", ShippedRights.read() + " +role");
    }
  }

  @AfterAll
  static void end() {
    all.close();
  }

  @AfterEach
  void stopListening() {
    lines.close();
  }

  @Test
  void theListIsEnoughAlsoForAFailover() throws Exception {
    for (LocalRedis sentinel : all.sentinels()) {
      setUser(sentinel, "whole", sentinelRights());
    }
    try (LettuceLink link = link("whole")) {
      Eventually.becomes("it counts", () -> counts(link));
      Eventually.becomes(
          "asking the others",
          () -> all.sentinels().stream().allMatch(sentinel -> isAsked(sentinel, "whole")));

      all.servers().forEach(server -> server.send("CONFIG", "RESETSTAT"));
      LocalRedis second = all.replaceMaster();
      Eventually.becomes("it counts there", () -> counts(link) && isCountedIn(second));
    }
    for (LocalRedis each : all.sentinels()) {
      assertThat(each.send("ACL", "LOG")).doesNotContain("whole");
    }
    assertThat(lines.get()).isEmpty();
  }

  @Test
  void theListIsWhatTheRemedyNames() throws IOException {
    Set<String> remedy = new TreeSet<>();
    Pattern.compile("\\+\\S+")
        .matcher(SentinelProblems.RIGHTS)
        .results()
        .forEach(right -> remedy.add(right.group()));
    assertThat(rights()).isEqualTo(remedy).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"master", "get-master-addr-by-name"})
  void withoutTheseNoMasterIsNamed(String right) throws Exception {
    String user = userWithout("+sentinel|" + right);
    try (LettuceLink link = link(user)) {
      Eventually.becomes("there is a problem", () -> link.lastProblem().isPresent());
      assertThat(link.lastProblem().orElse(""))
          .contains(
              "no Sentinel names the master: Sentinel 127.0.0.1:%d answers: NOPERM"
                  .formatted(all.sentinels().get(0).port()))
          .contains("'sentinel|" + right + "'")
          .endsWith("; " + SentinelProblems.RIGHTS);
      assertThat(link.isUp()).isFalse();
    }
    assertRefused(user, right);
  }

  @Test
  void withoutSentinelsTheOthersAreNotFoundAndThatIsSaid() throws Exception {
    String user = userWithout("+sentinel|sentinels");
    try (LettuceLink link = link(user)) {
      Eventually.becomes("it counts", () -> counts(link));
      awaitWarning("Sentinels that redis.sentinel.nodes leaves out are not found", "sentinels");
      assertThat(isAsked(all.sentinels().get(1), user)).isFalse();
    }
    assertThat(lines.get()).hasSize(1);
    assertRefused(user, "sentinels");
  }

  @Test
  void withoutReplicasAFailoverIsNoticedLaterAndThatIsSaidBefore() throws Exception {
    String user = userWithout("+sentinel|replicas");
    try (LettuceLink link = link(user)) {
      Eventually.becomes("it counts", () -> counts(link));
      awaitWarning("a failover is noticed up to a second later", "replicas");

      all.servers().forEach(server -> server.send("CONFIG", "RESETSTAT"));
      LocalRedis second = all.replaceMaster();
      Eventually.becomes("it counts there", () -> counts(link) && isCountedIn(second));
    }
    assertThat(lines.get()).hasSize(3).allMatch(said -> said.contains("'sentinel|replicas'"));
    assertRefused(user, "replicas");
  }

  @Test
  void withoutRoleAtTheServersNoneIsUsed() throws Exception {
    LocalRedis master = all.master();
    setUser(master, "sluice", ShippedRights.read());
    try (LettuceLink link = link("default")) {
      Eventually.becomes("there is a problem", () -> link.lastProblem().isPresent());
      assertThat(link.lastProblem().orElse(""))
          .startsWith(
              "127.0.0.1:%d, named as master of mymaster, answers: NOPERM".formatted(master.port()))
          .contains("'role'")
          .endsWith("; grant the user the commands and keys of docker/redis/users.acl");
    } finally {
      setUser(master, "sluice", ShippedRights.read() + " +role");
    }
  }

  @Test
  void aSentinelThatWantsALoginIsNamedWithTheKeysOfIt() {
    try (LocalRedis sentinel = LocalRedis.builder().sentinel().password("secret").start();
        LettuceLink link = link(RedisLogin.NONE, sentinel)) {
      Eventually.becomes("there is a problem", () -> link.lastProblem().isPresent());
      assertThat(link.lastProblem().orElse(""))
          .contains("no Sentinel names the master: Sentinel 127.0.0.1:" + sentinel.port())
          .endsWith(
              " answers: NOAUTH Authentication required.; correct redis.sentinel.username and redis.sentinel.password");
    }
  }

  private static Set<String> rights() throws IOException {
    Set<String> rights = new TreeSet<>();
    Pattern.compile("\\+\\S+")
        .matcher(sentinelRights())
        .results()
        .forEach(right -> rights.add(right.group()));
    return rights;
  }

  /** Returns what the line of the docs says after the password. */
  private static String sentinelRights() throws IOException {
    return after(DOCS, "user sluice on #SHA256 ");
  }

  /** Returns what the line of the shipped file says after the password. */
  private static String after(Path file, String beginning) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(beginning))
        .findFirst()
        .orElseThrow()
        .substring(beginning.length());
  }

  private static String userWithout(String right) throws IOException {
    String user = "without-" + right.replaceAll("[^a-z]", "-");
    for (LocalRedis sentinel : all.sentinels()) {
      setUser(sentinel, user, sentinelRights().replace(right, ""));
    }
    return user;
  }

  private static void setUser(LocalRedis server, String user, String rights) {
    String command = "ACL SETUSER " + user + " reset on >secret " + rights;
    assertThat(server.send(command.strip().split(" +"))).isEqualTo("OK");
  }

  private static LettuceLink link(String sentinelUser) {
    return link(new RedisLogin(sentinelUser, "secret"), all.sentinels().get(0));
  }

  private static LettuceLink link(RedisLogin login, LocalRedis sentinel) {
    List<RedisAddress> nodes = List.of(new RedisAddress(LocalRedis.HOST, sentinel.port()));
    return new LettuceLink(
        RedisSettings.at("nowhere", 1)
            .with(new RedisTopology.Sentinel(LocalSentinel.NAME, nodes, login))
            .with(new RedisLogin("sluice", "secret"))
            .with(Duration.ofMillis(250)),
        System::nanoTime);
  }

  private static boolean counts(LettuceLink link) {
    try {
      link.run(COUNT, KEY, List.of()).toCompletableFuture().get(20, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      assertThat(e).hasCauseInstanceOf(RedisUnavailableException.class);
      return false;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isCountedIn(LocalRedis master) {
    return LocalSentinel.tells(master, "cmdstat_evalsha:", "INFO", "commandstats");
  }

  private static boolean isAsked(LocalRedis sentinel, String user) {
    return sentinel
        .send("CLIENT", "LIST")
        .lines()
        .anyMatch(client -> client.contains(" user=" + user + " "));
  }

  private void awaitWarning(String loss, String right) {
    Eventually.becomes("there is a warning", () -> !lines.get().isEmpty());
    assertThat(lines.get().get(0))
        .startsWith(
            "WARN %s: Sentinel 127.0.0.1:%d answers: NOPERM"
                .formatted(loss, all.sentinels().get(0).port()))
        .contains("'sentinel|" + right + "'")
        .endsWith("; " + SentinelProblems.RIGHTS);
  }

  /** Nothing but what was taken away has been refused. */
  private static void assertRefused(String user, String right) {
    List<String> log = all.sentinels().get(0).send("ACL", "LOG").lines().toList();
    Set<String> refused = new TreeSet<>();
    for (int i = 0; i + 2 < log.size(); i++) {
      if (log.get(i).equals("object") && log.get(i + 3).equals(user)) {
        refused.add(log.get(i + 1));
      }
    }
    assertThat(refused).containsExactly("sentinel|" + right);
  }
}
