package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hundreds of slow clients at once, and one that is not. */
@Timeout(60)
final class SlowFloodTest {

  private static final int SLOW = 600;
  private static final int REQUESTS = 100;
  private static final int LARGE = 1 << 20;

  private final List<SocketChannel> clients = new ArrayList<>();

  @AfterEach
  void stop() throws IOException {
    for (SocketChannel client : clients) {
      client.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET / HTTP/1.1\r\nHost: a\r\nX-a",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
      })
  void othersAreServedInTime(String beginning) throws Exception {
    PatientGateway.Bounds bounds = new PatientGateway.Bounds();
    bounds.upstreamConnections = 64;
    bounds.patience = Duration.ofMillis(300);
    try (RawUpstream upstream = upstream();
        PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      for (int i = 0; i < SLOW; i++) {
        begin(gateway.port(), beginning);
        if (i % 50 == 0) {
          // As fast as a slow client may come: one that is told apart needs a second.
          gateway.get();
        }
      }
      long[] millis = new long[REQUESTS];
      for (int i = 0; i < REQUESTS; i++) {
        long start = System.nanoTime();
        assertThat(gateway.get().status()).isEqualTo(200);
        millis[i] = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      }
      Arrays.sort(millis);
      assertThat(millis[REQUESTS - 2]).as("of 100 requests, 99").isLessThan(1500);
    }
  }

  private void begin(int port, String beginning) throws IOException {
    SocketChannel client = SocketChannel.open();
    client.socket().setReceiveBufferSize(4096);
    client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    clients.add(client);
    client.write(ByteBuffer.wrap(beginning.getBytes(StandardCharsets.US_ASCII)));
  }

  private static RawUpstream upstream() throws IOException {
    return RawUpstream.playing(call -> {
      while (call.readHead()) {
        if (call.head().startsWith("GET /large ")) {
          call.write(Wire.head("HTTP/1.1 200 OK", "Content-Length: " + LARGE));
          for (int i = 0; i < LARGE; i += 8192) {
            call.write(new byte[8192]);
          }
        } else {
          call.readBody();
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
      }
    });
  }
}
