package io.sluice.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.LocalRedis;
import io.sluice.redis.Console;
import io.sluice.redis.LettuceConsole;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.Reply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What users may do and may not, asked of a real Redis. */
@Timeout(120)
class RightsTest {

  private static LocalRedis redis;

  @BeforeAll
  static void start() {
    redis = LocalRedis.builder().start();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"eval", "evalsha", "time", "del", "get", "mget", "set", "pexpire"})
  void aMissingRightIsNamed(String command) {
    Examined.of(Examined.withGateway(redis, "-" + command))
        .has(
            Severity.ERROR,
            "rights-missing",
            "user sluice has no right to +" + command,
            "ACL SETUSER sluice +" + command)
        .hasNo("writes");
  }

  @Test
  void aMissingPrefixIsNamed() {
    Examined.of(Examined.withGateway(redis, "resetkeys", "~other:*"))
        .has(Severity.ERROR, "rights-missing", "has no right to ~sluice:*");
  }

  @Test
  void aCommandThatTheServerDoesNotKnowIsNamed() {
    try (LocalRedis renamed =
        LocalRedis.builder().directive("rename-command EVALSHA \"\"").start()) {
      Examined.of(Examined.settings(renamed))
          .has(Severity.ERROR, "commands", "does not know EVALSHA", "rename-command");
    }
  }

  @Test
  void rightsInExcessAreAskedForAndNotTried() {
    RedisSettings gateway = Examined.withGateway(redis, "allkeys", "+flushall", "+config|set");
    redis.send("SET", "precious", "x");
    Examined.of(gateway, Examined.settings(redis))
        .has(
            Severity.WARNING,
            "rights-excess",
            "user sluice may also: FLUSHALL, CONFIG SET, read keys outside sluice:, write keys",
            "docker/redis/users.acl");
    assertThat(redis.send("GET", "precious")).isEqualTo("x");
  }

  @Test
  void withoutTheRightToAskSomeHarmlessReadingsAreTried() {
    Examined.of(Examined.withGateway(redis, "allkeys", "+config|get"))
        .has(
            Severity.WARNING,
            "rights-excess",
            "user sluice may also: read keys outside sluice:, CONFIG GET",
            "docker/redis/users.acl");
    Examined.of(Examined.withGateway(redis)).has(Severity.OK, "rights-excess");
  }

  @Test
  void theRightsOfGatewaysAreEnoughAndNoMore() {
    Examined.of(Examined.withGateway(redis), Examined.settings(redis))
        .has(Severity.OK, "rights-missing")
        .has(Severity.OK, "rights-excess", "may do no more than that");
  }

  @Test
  void everyCommandOfOurScriptsIsTried() throws IOException {
    Set<String> commands = new TreeSet<>();
    Pattern call = Pattern.compile("call\\(\\s*'([A-Za-z]+)'");
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java/io/sluice"))) {
      for (Path source : sources.filter(Files::isRegularFile).toList()) {
        Matcher matcher = call.matcher(Files.readString(source));
        while (matcher.find()) {
          commands.add(matcher.group(1).toUpperCase(Locale.ROOT));
        }
      }
    }
    assertThat(commands).contains("MGET");
    assertThat(RightsCheck.commands("key").stream().map(words -> words.get(0)))
        .containsAll(commands);
  }

  @Test
  void nothingIsChangedButProbesThatExpire() {
    redis.send("FLUSHALL");
    redis.send("SET", "sluice:mine", "x");
    redis.send("SET", "other", "x");
    String before = redis.send("CONFIG", "GET", "*");
    Listening console =
        new Listening(LettuceConsole.open(Examined.settings(redis), Duration.ofSeconds(20)));
    try (console) {
      Examined.doctor().examine(new Patient(Examined.settings(redis), console, console));
    }

    assertThat(console.asked.stream().map(words -> words[0]).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(
            "HELLO",
            "INFO",
            "EVAL",
            "EVALSHA",
            "TIME",
            "SET",
            "GET",
            "MGET",
            "PEXPIRE",
            "DEL",
            "ZADD",
            "ZREMRANGEBYSCORE",
            "ZCARD",
            "ZREM",
            "ACL",
            "SCAN",
            "PTTL",
            "SLOWLOG",
            "CONFIG");
    assertThat(console.asked)
        .allSatisfy(words ->
            assertThat(String.join(" ", words))
                .doesNotMatch(
                    "(?s)(CONFIG (?!GET)|ACL (?!DRYRUN)|SLOWLOG (?!GET)|DEL (?!sluice:doctor:)|SET (?!sluice:doctor:)|Z\\w+ (?!sluice:doctor:)).*"));
    assertThat(redis.send("CONFIG", "GET", "*")).isEqualTo(before);
    assertThat(redis.send("GET", "other")).isEqualTo("x");
    assertThat(redis.send("GET", "sluice:mine")).isEqualTo("x");
    redis
        .send("KEYS", "sluice:doctor:*")
        .lines()
        .filter(key -> !key.isEmpty())
        .forEach(key ->
            assertThat(Long.parseLong(redis.send("PTTL", key)))
                .isBetween(-2L, 10_000L)
                .isNotEqualTo(-1));
  }

  /** Remembers what was asked. */
  private static final class Listening implements Console {
    final List<String[]> asked = new ArrayList<>();
    private final Console real;

    Listening(Console real) {
      this.real = real;
    }

    @Override
    public Reply ask(String... words) {
      asked.add(words);
      return real.ask(words);
    }

    @Override
    public String target() {
      return real.target();
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
