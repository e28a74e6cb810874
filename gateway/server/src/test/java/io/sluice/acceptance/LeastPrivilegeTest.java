package io.sluice.acceptance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.ShippedRights;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import io.sluice.store.LiveGateways;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rights of {@code docker/redis/users.acl}: enough for all that gateways do, and not one more.
 */
@Timeout(120)
class LeastPrivilegeTest {

  private static final Path LIST = Path.of("../../docker/redis/users.acl");

  private static final String DECISION = "a gateway decides alone";
  private static final String VERSION = "a gateway decides alone after a reload";
  private static final String RESET = "a bucket is not reset";
  private static final String COUNTING = "gateways are not counted";
  private static final String HEALTH = "the health check fails";
  private static final String FULL = "\"remaining\" : 20";

  /** Each right and what fails without it. */
  private static final Map<String, String> NEEDED =
      Map.ofEntries(
          Map.entry("evalsha", DECISION),
          Map.entry("eval", DECISION),
          Map.entry("time", DECISION),
          Map.entry("mget", DECISION),
          Map.entry("set", DECISION),
          Map.entry("get", VERSION),
          Map.entry("pexpire", VERSION),
          Map.entry("zadd", COUNTING),
          Map.entry("zcard", COUNTING),
          Map.entry("zremrangebyscore", COUNTING),
          Map.entry("zrem", COUNTING),
          Map.entry("del", RESET),
          Map.entry("ping", HEALTH));

  @TempDir private Path folder;

  private LocalRedis redis;
  private String user;

  @BeforeEach
  void start() throws IOException {
    user = "user sluice on >secret " + ShippedRights.read();
    Path file = Files.writeString(folder.resolve("users.acl"), user + "\n");
    redis = LocalRedis.builder().directive("aclfile " + file).start();
  }

  @AfterEach
  void stop() {
    redis.close();
  }

  @Test
  void theListIsEnoughForAllThatGatewaysDo() throws Exception {
    assertThat(failures("+ping")).isEmpty();
    assertThat(redis.send("ACL", "LOG")).isEmpty();
    Set<String> granted = new TreeSet<>();
    Pattern.compile(" \\+(\\S+)").matcher(user).results().forEach(r -> granted.add(r.group(1)));
    assertThat(granted).isEqualTo(new TreeSet<>(NEEDED.keySet()));
  }

  @ParameterizedTest
  @MethodSource("rights")
  void withoutOneOfTheRightsSomethingFails(String right) throws Exception {
    assertThat(failures("-" + right)).contains(String.valueOf(NEEDED.get(right)));
    assertThat(redis.send("ACL", "LOG")).contains("\nobject\n" + right + "\n");
  }

  @Test
  void anotherDatabaseNeedsOneRightMore() throws Exception {
    try (House house = new House(folder)) {
      house.chat(gateway(house, "database = 1"), "alice");
      assertThat(redis.send("INFO", "keyspace")).doesNotContain("db1");
      redis.send("ACL", "SETUSER", "sluice", "+select");
      house.chat(gateway(house, "database = 1"), "alice");
      assertThat(redis.send("INFO", "keyspace")).contains("db1");
    }
  }

  /** That the rights are enough is proven where Sentinels and clusters are. */
  @Test
  void theVariantsForOtherShapesAreRightsThatRedisKnows() throws IOException {
    List<String> variants =
        Files.readAllLines(LIST).stream()
            .filter(line -> line.matches("#   [a-z].*:  +[+].*"))
            .map(line -> line.replaceFirst("[^+]*", ""))
            .toList();
    assertThat(variants).hasSize(3);
    for (String variant : variants) {
      for (String right : variant.split(" ")) {
        assertThat(redis.send("ACL", "SETUSER", "sluice", right)).as(right).isEqualTo("OK");
      }
    }
  }

  private static Set<String> rights() {
    return NEEDED.keySet();
  }

  /** Lets a gateway do all that it does with one change of rights; returns what went wrong. */
  private List<String> failures(String change) throws Exception {
    List<String> failures = new ArrayList<>();
    try (House house = new House(folder)) {
      Gateway gateway = gateway(house, "");
      redis.send("SCRIPT", "FLUSH");
      redis.send("ACL", "SETUSER", "sluice", change);
      house.chat(gateway, "alice");
      if (local(gateway) > 0) {
        failures.add(DECISION);
      }
      house.admin(gateway, "DELETE", "/admin/limits?user=alice&policy=chat");
      if (!house
          .admin(gateway, "GET", "/admin/limits?user=alice&policy=chat")
          .body()
          .contains(FULL)) {
        failures.add(RESET);
      }
      long before = local(gateway);
      house.policy("other", "match = /other\nlimits = [ { key = user, rate = 5/min } ]");
      house.admin(gateway, "POST", "/admin/reload");
      house.chat(gateway, "bob");
      if (local(gateway) > before) {
        failures.add(VERSION);
      }
    }
    if (!areCounted()) {
      failures.add(COUNTING);
    }
    if (!healthCheck().equals("+PONG")) {
      failures.add(HEALTH);
    }
    return failures;
  }

  /** Lets gateways come and go, and returns whether the one that stays knows it. */
  private boolean areCounted() throws Exception {
    RedisSettings settings =
        RedisSettings.at(LocalRedis.HOST, redis.port())
            .with(new RedisLogin("sluice", "secret"))
            .with(Duration.ofSeconds(5));
    try (LettuceLink link = new LettuceLink(settings, System::nanoTime)) {
      assertThat(link.awaitUp(Duration.ofSeconds(20))).isTrue();
      LiveGateways one = new LiveGateways(link, "sluice:counted:", System::nanoTime);
      LiveGateways two = new LiveGateways(link, "sluice:counted:", System::nanoTime);
      two.beat();
      boolean came = hears(one, 2);
      two.leave().toCompletableFuture().get(20, TimeUnit.SECONDS);
      return came && hears(one, 1);
    }
  }

  /** Shows a gateway until it hears of so many, or clearly does not. */
  private static boolean hears(LiveGateways gateway, int number) {
    for (int i = 0; i < 100 && gateway.count() != number; i++) {
      gateway.beat();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    return gateway.count() == number;
  }

  private static long local(Gateway gateway) {
    return gateway.engine().storeStatus().localDecisions();
  }

  private Gateway gateway(House house, String line) throws IOException {
    return house.gateway(
        "redis { host = 127.0.0.1, port = %d, username = sluice, password = secret, timeout = 5s }"
            .formatted(redis.port()),
        "redis { %s }".formatted(line));
  }

  /** What compose.yaml asks with redis-cli. */
  private String healthCheck() throws IOException {
    try (Socket socket = new Socket(LocalRedis.HOST, redis.port());
        BufferedReader in =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII))) {
      socket.getOutputStream().write("AUTH sluice secret\r\nPING\r\n".getBytes(US_ASCII));
      assertThat(in.readLine()).isEqualTo("+OK");
      return String.valueOf(in.readLine());
    }
  }
}
