package io.sluice.acceptance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The rows of the table of failures in docs/operations.md in which Redis is there and refuses. */
@Timeout(120)
class RedisRefusalTest {

  private static final Duration AWHILE = Duration.ofMillis(700);

  @TempDir Path folder;

  @Test
  void scriptsForgotten() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      long before = site.left("alice");
      site.redis.send("SCRIPT", "FLUSH");
      assertThat(site.left("alice")).isEqualTo(before - 1);
      site.assertRedisDecides();
      assertThat(site.log.ofStore()).isEmpty();
    }
  }

  @Test
  void everythingFlushed() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      long full = site.left("alice");
      site.left("alice");
      site.redis.send("FLUSHALL");
      assertThat(site.left("alice")).isEqualTo(full);
      site.assertRedisDecides();
      assertThat(site.log.ofStore()).isEmpty();
    }
  }

  @Test
  void readOnly() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis();
        LocalRedis master = LocalRedis.start()) {
      site.redis.send("REPLICAOF", LocalRedis.HOST, Integer.toString(master.port()));
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(() -> site.redis.send("REPLICAOF", "NO", "ONE"));
      site.assertLoggedOnce("READONLY");
    }
  }

  @Test
  void masterDown() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.redis.send("CONFIG", "SET", "replica-serve-stale-data", "no");
      site.redis.send("REPLICAOF", LocalRedis.HOST, "1");
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(() -> site.redis.send("REPLICAOF", "NO", "ONE"));
      site.assertLoggedOnce("MASTERDOWN");
    }
  }

  @Test
  void loading() throws Exception {
    LocalRedis redis =
        LocalRedis.builder()
            .directive("enable-debug-command yes")
            .directive("key-load-delay 1500")
            .directive("loading-process-events-interval-bytes 1024")
            .start();
    try (FailingRedis site = new FailingRedis(folder, redis).gatewayOnRedis()) {
      redis.send("DEBUG", "POPULATE", "1000", "some", "100");
      redis.send("SAVE");
      redis.kill();
      site.untilAlone();
      redis.restart();
      Eventually.becomes("it loads", () -> redis.send("INFO", "persistence").contains("loading:1"));
      site.assertAlone(AWHILE);
      site.assertOverAfter(() ->
          Eventually.becomes(
              "it has loaded", () -> redis.send("INFO", "persistence").contains("loading:0")));
      assertThat(site.log.ofStore())
          .satisfiesExactly(
              away -> assertThat(away).contains("closed the connection"),
              why -> assertThat(why).contains("it will be ready when it has read its data"),
              back -> assertThat(back).startsWith("INFO Redis is back after "));
    }
  }

  @Test
  void outOfMemory() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.redis.send("CONFIG", "SET", "maxmemory", "1");
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(() -> site.redis.send("CONFIG", "SET", "maxmemory", "0"));
      site.assertLoggedOnce("OOM");
    }
  }

  @Test
  void outOfMemoryForAGatewayWithOneRequest() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.redis.send("CONFIG", "SET", "maxmemory", "1");
      site.left("alice");
      Eventually.becomes("the gateway decides alone", () -> !site.redisDecides());
      site.redis.send("CONFIG", "SET", "maxmemory", "0");
      site.assertRedisDecides();
      site.assertLoggedOnce("OOM");
    }
  }

  @Test
  void savingFails() throws Exception {
    LocalRedis redis = LocalRedis.builder().directive("enable-protected-configs yes").start();
    try (FailingRedis site = new FailingRedis(folder, redis).gatewayOnRedis()) {
      Path gone = Files.createDirectory(folder.resolve("gone"));
      redis.send("CONFIG", "SET", "dir", gone.toString());
      Files.delete(gone);
      redis.send("CONFIG", "SET", "save", "3600 1");
      redis.send("BGSAVE");
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(() -> redis.send("CONFIG", "SET", "save", ""));
      site.assertLoggedOnce("MISCONF");
    }
  }

  @Test
  void tooFewReplicas() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.redis.send("CONFIG", "SET", "min-replicas-to-write", "1");
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(() -> site.redis.send("CONFIG", "SET", "min-replicas-to-write", "0"));
      site.assertLoggedOnce("NOREPLICAS");
    }
  }

  @Test
  void evicted() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      long full = site.left("alice");
      site.left("alice");
      site.redis.send("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
      site.redis.send("CONFIG", "SET", "maxmemory", "4mb");
      AtomicInteger others = new AtomicInteger();
      Eventually.becomes(
          "the bucket is evicted",
          () -> {
            site.redis.send("SET", "other-" + others.getAndIncrement(), "x".repeat(100_000));
            return site.redis.send("KEYS", "sluice:local:*").isBlank();
          });
      assertThat(site.left("alice")).isEqualTo(full);
      site.assertRedisDecides();
      assertThat(site.log.ofStore()).isEmpty();
    }
  }

  @Test
  void rightsTakenAway() throws Exception {
    for (String right : new String[] {"evalsha", "mget", "set", "time"}) {
      try (FailingRedis site = new FailingRedis(folder.resolve(right)).gatewayOnRedis()) {
        site.redis.send("ACL", "SETUSER", "default", "-" + right);
        site.untilAlone().assertAlone(AWHILE);
        site.assertOverAfter(() -> site.redis.send("ACL", "SETUSER", "default", "+@all"));
        site.assertLoggedOnce("grant the user the commands");
      }
    }
  }

  @Test
  void keysTakenAway() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.redis.send("ACL", "SETUSER", "default", "resetkeys", "~other:*");
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(() -> site.redis.send("ACL", "SETUSER", "default", "~*"));
      site.assertLoggedOnce("grant the user the commands");
    }
  }

  @Test
  void moreClientsThanMayBe() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      try (Socket other = new Socket(LocalRedis.HOST, site.redis.port())) {
        say(other, "CONFIG SET maxclients 1");
        say(other, "CLIENT KILL TYPE normal SKIPME yes");
        site.untilAlone().assertAlone(Duration.ofSeconds(2));
        site.assertOverAfter(() -> say(other, "CONFIG SET maxclients 1000"));
      }
      assertThat(site.log.ofStore())
          .hasSize(3)
          .anyMatch(line -> line.contains("raise its maxclients"));
    }
  }

  @Test
  void clientsPaused() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.redis.send("CLIENT", "PAUSE", "60000", "WRITE");
      site.untilAlone().assertAlone(Duration.ofSeconds(2));
      site.assertOverAfter(() -> site.redis.send("CLIENT", "UNPAUSE"));
      site.assertLoggedOnce("did not answer within 100 ms");
    }
  }

  @Test
  void clientsKilled() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.redis.send("CLIENT", "KILL", "TYPE", "normal");
      site.assertOverAfter(site::untilLogged);
      site.assertLoggedOnce("closed the connection");
    }
  }

  @Test
  void busyWithAScript() throws Exception {
    LocalRedis redis = LocalRedis.builder().directive("busy-reply-threshold 200").start();
    try (FailingRedis site = new FailingRedis(folder, redis).gatewayOnRedis()) {
      Thread endless = new Thread(() -> redis.send("EVAL", "while true do end", "0"), "endless");
      endless.start();
      site.untilAlone().assertAlone(Duration.ofSeconds(1));
      site.assertOverAfter(() -> redis.send("SCRIPT", "KILL"));
      endless.join();
      assertThat(site.log.ofStore())
          .hasSizeBetween(2, 3)
          .allMatch(line ->
              line.contains("did not answer within 100 ms")
                  || line.contains("see SCRIPT KILL")
                  || line.startsWith("INFO Redis is back after "));
    }
  }

  /** Says something on a connection that is there already, and waits for the answer. */
  private static void say(Socket socket, String command) {
    try {
      socket.getOutputStream().write((command + "\r\n").getBytes(US_ASCII));
      assertThat(socket.getInputStream().read(new byte[64])).isPositive();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
