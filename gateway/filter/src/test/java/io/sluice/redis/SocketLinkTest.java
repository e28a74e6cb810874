package io.sluice.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A link by a Unix domain socket of a real Redis. */
@Timeout(120)
final class SocketLinkTest {

  @TempDir private Path folder = Path.of("");

  @Test
  void aSocketLeadsToItsDatabaseAndIsFoundAgain() throws Exception {
    Path path = folder.resolve("redis.sock");
    RedisScript set = new RedisScript("return redis.call('SET', 'a', '1')");
    try (LocalRedis redis =
            LocalRedis.builder().password("secret").directive("unixsocket " + path).start();
        LettuceLink link = link(path, 3)) {
      Eventually.becomes("the link is up", link::isUp);
      var ok = link.run(set, List.of(), List.of()).toCompletableFuture();
      assertThat((byte[]) ok.get(20, TimeUnit.SECONDS)).isEqualTo("OK".getBytes(US_ASCII));
      assertThat(redis.send("INFO", "keyspace")).contains("db3:keys=1,");
      assertThat(redis.send("CLIENT", "LIST")).contains("name=sluice", "addr=" + path + ":0");

      redis.kill();
      Eventually.becomes(
          "the link is down", () -> problem(link).contains("start Redis or correct redis.socket"));
      redis.restart();
      Eventually.becomes("the link is up again", link::isUp);
    }
  }

  @Test
  void whatIsNoSocketIsNamed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    try (LettuceLink link = link(folder.resolve("none"), 0)) {
      Eventually.becomes("it is told", () -> !problem(link).isEmpty());
      assertThat(problem(link))
          .isEqualTo(
              "redis-socket://%s/none?database=0: there is no such socket; see unixsocket in redis.conf, or correct redis.socket"
                  .formatted(folder));
    }
    try (LettuceLink link = link(file, 0)) {
      Eventually.becomes("it is told", () -> !problem(link).isEmpty());
      assertThat(problem(link))
          .endsWith("cannot be reached (connection refused); start Redis or correct redis.socket");
    }
  }

  /** Root, as which tests may run, is refused no socket. */
  @Test
  void aSocketThatMayNotBeUsedIsNamed() {
    Problems problems = new Problems(settings(Path.of("/run/redis.sock"), 0));
    assertThat(
            problems.ofDialling(
                new ConnectException("connect(..) failed with error(-13): Permission denied")))
        .hasMessage(
            "redis-socket:///run/redis.sock?database=0: the gateway's user may not connect to it;"
                + " see unixsocketperm in redis.conf");
  }

  private static String problem(LettuceLink link) {
    return link.lastProblem().orElse("");
  }

  private static LettuceLink link(Path path, int database) {
    return new LettuceLink(
        settings(path, database).with(new RedisLogin(null, "secret")), System::nanoTime);
  }

  private static RedisSettings settings(Path path, int database) {
    return RedisSettings.at("unused", 1)
        .with(new RedisTopology.Socket(path))
        .with(Duration.ofMillis(500))
        .inDatabase(database);
  }
}
