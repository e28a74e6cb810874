package io.sluice.acceptance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client that invents a caller for each of a hundred thousand requests. */
@Timeout(300)
class FloodTest {

  private static final int REQUESTS = 100_000;
  private static final int AT_ONCE = 250;
  private static final String REFUSED = "HTTP/1.1 429 ";

  @TempDir Path folder;

  @Test
  void aHundredThousandInventedCallersFillNeitherTheMemoryNorTheMetrics() throws Exception {
    try (House house = new House(folder)) {
      // The second limit refuses nearly all, so that the upstream does not set the pace.
      house.policy(
          "chat",
          """
          match = "/api/chat/**"
          limits = [
            { id = tenant, key = [user, header.X-Tenant], rate = 5/hour }
            { id = all, key = global, rate = 1/day }
          ]
          """);
      Gateway gateway = house.gateway("redis { enabled = false }", "local.buckets = 1000");
      assertThat(house.get(gateway, "/api/chat").statusCode()).isEqualTo(200);
      assertThat(house.get(gateway, "/api/chat").statusCode()).isEqualTo(429);
      long series = series(house, gateway);

      assertThat(flood(gateway)).isEqualTo(REQUESTS);
      assertThat(gateway.engine().localBuckets()).isBetween(500L, 1_000L);
      assertThat(series(house, gateway)).isEqualTo(series);
      assertThat(house.get(gateway, "/api/chat").statusCode()).isEqualTo(429);
    }
  }

  /** Sends them by batches on one connection; returns how many were refused. */
  private static int flood(Gateway gateway) throws IOException {
    Random random = new Random(7);
    int refused = 0;
    try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
      socket.setSoTimeout(60_000);
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      for (int sent = 0; sent < REQUESTS; sent += AT_ONCE) {
        StringBuilder batch = new StringBuilder();
        for (int i = 0; i < AT_ONCE; i++) {
          batch
              .append("GET /api/chat HTTP/1.1\r\nHost: a\r\nX-User-Id: ")
              .append(Long.toHexString(random.nextLong()))
              .append("\r\nX-Tenant: ")
              .append(Long.toHexString(random.nextLong()))
              .append("\r\n\r\n");
        }
        socket.getOutputStream().write(batch.toString().getBytes(ISO_8859_1));
        for (int i = 0; i < AT_ONCE; i++) {
          refused += readAnswer(in).startsWith(REFUSED) ? 1 : 0;
        }
      }
    }
    return refused;
  }

  /** Reads one answer with a length; returns its head. */
  private static String readAnswer(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder(600);
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      int octet = in.read();
      if (octet < 0) {
        throw new IOException("ended within an answer: " + head);
      }
      head.append((char) octet);
    }
    int at = head.indexOf("Content-Length: ") + "Content-Length: ".length();
    in.skipNBytes(Integer.parseInt(head.substring(at, head.indexOf("\r\n", at))));
    return head.toString();
  }

  private static long series(House house, Gateway gateway) {
    return house
        .admin(gateway, "GET", "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("sluice_") && !line.startsWith("sluice_jvm"))
        .count();
  }
}
