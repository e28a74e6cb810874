package io.sluice.app;

import static io.sluice.app.TestGateway.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What WebSocket connections hear of a gateway that stops. */
@NullMarked
@Timeout(60)
class WebSocketStopTest {

  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final BlockingQueue<String> atUpstream = new LinkedBlockingQueue<>();

  /** Opens what is asked for, notes each frame, and answers a Close frame with another. */
  private final RawUpstream upstream =
      RawUpstream.playing(call -> {
        while (call.readHead()) {
          if (!call.head().contains("Upgrade: websocket")) {
            call.write(OK);
            continue;
          }
          call.write(Frames.accepting());
          Frames.Frame frame = Frames.read(call.in());
          while (frame.opcode() != Frames.CLOSE) {
            atUpstream.add(frame.payload());
            frame = Frames.read(call.in());
          }
          atUpstream.add("close " + frame.code());
          call.write(Frames.close(frame.code(), false));
          return;
        }
      });

  WebSocketStopTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    upstream.close();
  }

  @Test
  void aSilentTunnelHearsGoodbyeBeforeIdleConnectionsAreClosed() throws Exception {
    try (TestGateway gateway = gateway(Duration.ZERO, Duration.ZERO, LONG);
        RawClient client = open(gateway)) {
      CompletableFuture<Void> stopping = CompletableFuture.runAsync(gateway::close);
      assertThat(Frames.read(client.in()).code()).isEqualTo(1001);
      assertThat(heard()).isEqualTo("close 1001");
      client.send(Frames.close(1001, true));
      assertThat(client.in().read()).isNegative();
      stopping.get(LONG.toMillis() / 2, TimeUnit.MILLISECONDS);
    }
  }

  @Test
  void aClientThatDoesNotAnswerDoesNotHoldUpTheStopToItsEnd() throws Exception {
    Duration limit = Duration.ofSeconds(6);
    try (TestGateway gateway = gateway(Duration.ZERO, Duration.ZERO, limit);
        RawClient client = open(gateway)) {
      long began = System.nanoTime();
      CompletableFuture.runAsync(gateway::close).get(10, TimeUnit.SECONDS);
      assertThat(System.nanoTime() - began).isLessThan(limit.toNanos());
      assertThat(Frames.read(client.in()).code()).isEqualTo(1001);
    }
  }

  @Test
  void whileOthersNoticeTunnelsGoOnAndAreOpened() throws Exception {
    try (TestGateway gateway = gateway(Duration.ofSeconds(2), Duration.ZERO, LONG);
        RawClient before = open(gateway)) {
      CompletableFuture<Void> stopping = CompletableFuture.runAsync(gateway::close);
      Eventually.becomes(
          "answers are said to be the last",
          () -> !gateway.ask(GET).values("Connection").isEmpty());
      try (RawClient late = gateway.connect()) {
        String answer = late.send(Frames.opening("/")).head();
        assertThat(answer).startsWith("HTTP/1.1 101 ");
        assertThat(Wire.values(answer, "Connection")).containsExactly("Upgrade");
        before.send(Frames.text("still here", true));
        assertThat(heard()).isEqualTo("still here");
        for (RawClient client : List.of(before, late)) {
          assertThat(Frames.read(client.in()).code()).isEqualTo(1001);
          assertThat(heard()).isEqualTo("close 1001");
          client.send(Frames.close(1001, true));
        }
        stopping.get(LONG.toMillis() / 2, TimeUnit.MILLISECONDS);
      }
    }
  }

  private TestGateway gateway(Duration delay, Duration idle, Duration limit) throws IOException {
    Endings endings = new Endings(HalfClose.CANCEL, delay, idle);
    return new TestGateway(
        new ServerSettings("127.0.0.1", 0, LONG, 8192, 100, limit, Shortcuts.ALL).with(endings),
        TestGateway.upstream(upstream.port(), LONG, LONG),
        List.of());
  }

  private static RawClient open(TestGateway gateway) throws IOException {
    RawClient client = gateway.connect();
    assertThat(client.send(Frames.opening("/")).head()).startsWith("HTTP/1.1 101 ");
    return client;
  }

  private String heard() throws InterruptedException {
    String event = atUpstream.poll(10, TimeUnit.SECONDS);
    assertThat(event).as("what came to the upstream").isNotNull();
    return String.valueOf(event);
  }
}
