package io.sluice.bench.prove;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import io.sluice.bench.fleet.Rate;
import io.sluice.bench.fleet.TinyUpstream;
import io.sluice.fixtures.LocalRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The prover against gateways that do wrong: it must find them out. */
class LoadTest {

  private static final Scenario THREE =
      new Scenario(
          "three", new Rate(20, 86_400), new Rate(60, 86_400), new Rate(100, 86_400), 10, 300);

  @Test
  void aGatewayThatNeverRefusesIsFoundOut() throws IOException {
    try (TinyUpstream lax = TinyUpstream.start()) {
      Counts counts = Load.run(THREE, List.of(at(lax.port()), at(lax.port())), 8, 30);
      Audit audit = Audit.of(THREE.tallies(counts), Map.of(), 1_000_000, 0);

      assertThat(counts.decisions()).isEqualTo(300);
      assertThat(counts.admitted()).isEqualTo(300);
      assertThat(counts.gateways().all()).hasSize(2).doesNotContain(0);
      assertThat(audit.overAdmission()).isGreaterThanOrEqualTo(200);
      assertThat(audit.partialCharges()).isEqualTo(13);
    }
  }

  @Test
  void aChargeThatNobodyWasAdmittedForIsFoundInRedis() throws IOException {
    List<Tally> tallies = THREE.tallies(new Counts(THREE.callers(), 1));
    try (LocalRedis redis = LocalRedis.start();
        Buckets buckets = new Buckets(LocalRedis.HOST, redis.port())) {
      consume(redis.port(), tallies.get(4).key(), 2);
      consume(redis.port(), THREE.keyPrefix() + "endpoint:somebody", 1);
      Map<String, Long> consumed = buckets.consumed(THREE.keyPrefix());

      assertThat(consumed).hasSize(2).containsEntry(tallies.get(4).key(), 2L);
      assertThat(Audit.of(tallies, consumed, 1_000_000, 0).partialCharges()).isEqualTo(2);
    }
  }

  @Test
  void redisTellsItsTime() {
    try (LocalRedis redis = LocalRedis.start();
        Buckets buckets = new Buckets(LocalRedis.HOST, redis.port())) {
      long here = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());

      assertThat(buckets.epochNanos())
          .isBetween(here - TimeUnit.SECONDS.toNanos(10), here + TimeUnit.SECONDS.toNanos(10));
    }
  }

  @Test
  void answersThatAreNeitherGrantNorRefusalAreUnknown() throws Exception {
    try (ServerSocket broken = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> closeEveryOther(broken), "broken-gateway");
      server.setDaemon(true);
      server.start();
      Scenario few = new Scenario("few", new Rate(5, 1), null, null, 1, 20);

      Counts counts = Load.run(few, List.of(at(broken.getLocalPort())), 1, 30);

      assertThat(counts.decisions()).isEqualTo(20);
      assertThat(counts.unknown()).isEqualTo(20);
      assertThat(counts.unavailable()).isEqualTo(10);
      assertThat(few.tallies(counts).get(0).unknown()).isEqualTo(20);
    }
  }

  /** Answers one request of a connection with 503 and closes it at the next. */
  private static void closeEveryOther(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        byte[] some = new byte[4_096];
        if (socket.getInputStream().read(some) > 0) {
          socket
              .getOutputStream()
              .write("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n".getBytes(UTF_8));
          int unread = socket.getInputStream().read(some);
          assertThat(unread).isNotZero();
        }
      } catch (IOException e) {
        // The client has gone, or the test is over.
      }
    }
  }

  private static InetSocketAddress at(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Takes tokens by Bucket4j alone. */
  private static void consume(int port, String key, long tokens) {
    RedisClient client = RedisClient.create("redis://" + LocalRedis.HOST + ":" + port);
    try {
      BucketConfiguration configuration =
          BucketConfiguration.builder()
              .addLimit(limit -> limit.capacity(20).refillGreedy(20, Duration.ofDays(1)))
              .build();
      Bucket4jLettuce.casBasedBuilder(client)
          .expirationAfterWrite(
              ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(
                  Duration.ofSeconds(10)))
          .build()
          .builder()
          .build(key.getBytes(UTF_8), () -> configuration)
          .tryConsume(tokens);
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }
}
