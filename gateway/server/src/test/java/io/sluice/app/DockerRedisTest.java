package io.sluice.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.sluice.fixtures.LocalRedis;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisScript;
import io.sluice.redis.RedisSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Redis of {@code docker/}, run for real: its settings, and what its users may do. */
class DockerRedisTest {

  private static final String PASSWORD = "p'a\\ss/w&rd \"x\"";
  private static final String OPERATOR = "operator";

  @TempDir private Path folder;

  private LocalRedis redis;
  private RedisClient client;
  private String acl;

  @BeforeEach
  void start() throws Exception {
    acl = madeByStartScript();
    Path file = folder.resolve("test.acl");
    Files.writeString(file, acl + "user " + OPERATOR + " on >" + OPERATOR + " +@all ~*\n");
    LocalRedis.Builder builder = LocalRedis.builder();
    DockerFiles.text("docker/redis/redis.conf")
        .lines()
        .filter(line -> line.matches("[a-z].*") && !line.matches("(bind|port) .*"))
        .forEach(builder::directive);
    redis = builder.directive("aclfile " + file).start();
    client = RedisClient.create();
  }

  @AfterEach
  void stop() {
    client.shutdown(0, 2, TimeUnit.SECONDS);
    redis.close();
  }

  @Test
  void bucketsNearestToFullAreEvictedFirst() {
    RedisCommands<String, String> operator = login(OPERATOR, OPERATOR);
    assertThat(operator.configGet("maxmemory-policy")).containsValue("volatile-ttl");
    assertThat(operator.configGet("maxmemory")).doesNotContainValue("0");
  }

  @Test
  void theGatewaysOwnLinkMayDoAllItDoes() throws Exception {
    byte[] key = "sluice:chat:main:x".getBytes(UTF_8);
    RedisScript script =
        new RedisScript(
            "redis.call('SET', KEYS[1], ARGV[1], 'PX', 60000)"
                + " return redis.call('MGET', KEYS[1])[1]");
    RedisSettings settings =
        RedisSettings.at(LocalRedis.HOST, redis.port())
            .with(new RedisLogin("sluice", PASSWORD))
            .with(Duration.ofMillis(500));
    try (LettuceLink link = new LettuceLink(settings, System::nanoTime)) {
      assertThat(link.awaitUp(Duration.ofSeconds(20))).isTrue();
      assertThat(join(link.run(script, List.of(key), List.of("v".getBytes(UTF_8)))))
          .isEqualTo("v".getBytes(UTF_8));
      assertThat(join(link.epochNanos())).isPositive();
      assertThat(join(link.delete(key))).isEqualTo(1);
    }
    assertThat(login(OPERATOR, OPERATOR).aclLog()).isEmpty();
  }

  @Test
  void everyCommandOfOurScriptsIsAllowed() throws IOException {
    Set<String> commands = new TreeSet<>();
    Pattern call = Pattern.compile("redis\\.p?call\\(\\s*'([A-Za-z]+)'");
    try (Stream<Path> sources = Files.walk(DockerFiles.root().resolve("gateway/filter/src/main"))) {
      for (Path source : sources.filter(Files::isRegularFile).toList()) {
        Matcher matcher = call.matcher(Files.readString(source));
        while (matcher.find()) {
          commands.add(matcher.group(1).toLowerCase(Locale.ROOT));
        }
      }
    }
    assertThat(commands)
        .allSatisfy(command -> assertThat(acl).containsPattern(" \\+" + command + "\\s"));
  }

  /** LeastPrivilegeTest proves that each of its rights is needed. */
  @Test
  void aGatewayMayDoNothingElse() {
    RedisCommands<String, String> gateway = login("sluice", PASSWORD);
    assertThat(gateway.ping()).isEqualTo("PONG");
    assertDenied(() -> gateway.keys("*"));
    assertDenied(() -> gateway.flushall());
    assertDenied(() -> gateway.configGet("*"));
    assertDenied(() -> gateway.clientKill("127.0.0.1:1"));
    assertDenied(() -> gateway.aclUsers());
    assertDenied(() -> gateway.scan());
    assertDenied(() -> gateway.clientList());
    assertDenied(() -> gateway.echo("x"));
    assertDenied(() -> gateway.incr("sluice:chat:main:x"));
    assertDenied(() -> gateway.get("other:key"));
    assertDenied(() -> gateway.del("other:key"));
    assertDenied(() -> gateway.publish("channel", "message"));
    assertThatThrownBy(() ->
            gateway.<String>eval(
                "return redis.call('SET', KEYS[1], 'v')",
                ScriptOutputType.STATUS,
                new String[] {"other:key"}))
        .isInstanceOf(RedisCommandExecutionException.class)
        .hasMessageContaining("NOPERM");
  }

  @Test
  void nobodyElseMayLogIn() {
    assertThat(redis.send("PING")).startsWith("(error) NOAUTH");
    assertThat(redis.send("AUTH", "sluice", "wrong")).startsWith("(error) WRONGPASS");
    assertThat(redis.send("AUTH", "default", "")).startsWith("(error) WRONGPASS");
  }

  @Test
  void thePasswordStandsInNoFile() {
    assertThat(acl)
        .doesNotContain(PASSWORD)
        .doesNotContain("{password")
        .matches("(?s).*#[0-9a-f]{64} .*");
  }

  /**
   * Runs start.sh with a redis-server in front of the real one that only shows what it is given.
   */
  private String madeByStartScript() throws Exception {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path stub = bin.resolve("redis-server");
    Files.writeString(stub, "#!/bin/sh\n[ -f \"$1\" ] && [ \"$2\" = --aclfile ] && cat \"$3\"\n");
    assertThat(stub.toFile().setExecutable(true)).isTrue();
    ProcessBuilder builder =
        new ProcessBuilder("sh", DockerFiles.root().resolve("docker/redis/start.sh").toString());
    builder.environment().put("PATH", bin + ":" + System.getenv("PATH"));
    builder.environment().put("TMPDIR", folder.toString());
    builder.environment().put("REDIS_PASSWORD", PASSWORD);
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return out;
  }

  private RedisCommands<String, String> login(String user, String password) {
    RedisURI uri =
        RedisURI.builder()
            .withHost(LocalRedis.HOST)
            .withPort(redis.port())
            .withAuthentication(user, password.toCharArray())
            .build();
    StatefulRedisConnection<String, String> connection = client.connect(uri);
    return connection.sync();
  }

  private static void assertDenied(ThrowingCallable command) {
    assertThatThrownBy(command)
        .isInstanceOf(RedisCommandExecutionException.class)
        .hasMessageContaining("NOPERM");
  }

  private static <T> T join(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
