package io.sluice.app;

import static io.sluice.app.TestGateway.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The watch for clients that leave begins and ends at any instant of what else happens on a
 * connection. Here it looks every millisecond, at connections whose answers take about as long and
 * whose next requests come before, while and after they end, in pieces.
 */
@Timeout(60)
class WatchedConnectionsTest {

  private static final int CLIENTS = 8;
  private static final int ROUNDS = 250;
  private static final int MOST_AT_ONCE = 3;

  @Test
  void noOctetIsLostOrDoubledWhateverAWatchMeets() throws Exception {
    try (RawUpstream upstream = RawUpstream.playing(WatchedConnectionsTest::echo);
        TestGateway gateway = watchingEachMillisecond(upstream)) {
      ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
      List<Future<Integer>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int number = i;
        clients.add(threads.submit(() -> converse(gateway, number)));
      }
      for (Future<Integer> client : clients) {
        assertThat(client.get(50, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(ROUNDS);
      }
      threads.shutdown();
    }
  }

  private static TestGateway watchingEachMillisecond(RawUpstream upstream) throws IOException {
    GatewayServer server =
        new GatewayServer(TestGateway.server(LONG), new RequestThreads(64, 4, true), null, 1);
    return new TestGateway(
        server, TestGateway.upstream(upstream.port(), LONG, LONG), false, List.of());
  }

  /** Answers with the request's method, target and content, after none to three milliseconds. */
  private static void echo(RawUpstream.Call call) throws IOException {
    SplittableRandom random = new SplittableRandom(call.hashCode());
    while (call.readHead()) {
      String said = call.head().split(" HTTP", 2)[0] + new String(call.readBody(), "ISO-8859-1");
      pause(random, 3_000);
      call.write("HTTP/1.1 200 OK\r\nContent-Length: " + said.length() + "\r\n\r\n" + said);
    }
  }

  /** Returns how many requests were answered, each with its own answer. */
  private static int converse(TestGateway gateway, int number) throws IOException {
    SplittableRandom random = new SplittableRandom(number);
    int answered = 0;
    try (RawClient client = gateway.connect()) {
      for (int round = 0; round < ROUNDS; round++) {
        int count = random.nextInt(1, MOST_AT_ONCE + 1);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          String target = "/" + number + "/" + round + "/" + i;
          String content = random.nextBoolean() ? "c".repeat(random.nextInt(1, 50)) : "";
          sendInPieces(client, request(target, content), random);
          expected.add((content.isEmpty() ? "GET " : "POST ") + target + content);
        }
        for (String each : expected) {
          assertThat(client.answer().content()).isEqualTo(each);
          answered++;
        }
      }
    }
    return answered;
  }

  private static String request(String target, String content) {
    return content.isEmpty()
        ? "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"
        : "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(target, content.length(), content);
  }

  private static void sendInPieces(RawClient client, String text, SplittableRandom random)
      throws IOException {
    int cut = random.nextInt(3) == 0 ? random.nextInt(1, text.length()) : text.length();
    client.send(text.substring(0, cut));
    if (cut < text.length()) {
      pause(random, 2_000);
      client.send(text.substring(cut));
    }
    if (random.nextBoolean()) {
      pause(random, 3_000);
    }
  }

  private static void pause(SplittableRandom random, int mostMicros) {
    LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(mostMicros + 1)));
  }
}
