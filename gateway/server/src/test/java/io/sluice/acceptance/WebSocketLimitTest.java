package io.sluice.acceptance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The request that opens a WebSocket connection is limited as any other, and told of once. */
class WebSocketLimitTest {

  private static final String SOCKET = "/api/chat/socket";

  @TempDir Path folder;

  @Test
  void anOpeningTakesOneTokenAndAllThatFollowsNone() throws Exception {
    Path log = folder.resolve("access.log");
    try (House house = new House(folder)) {
      house.policy(
          "socket", "match = \"GET " + SOCKET + "\"\nlimits = [ { key = ip, rate = 2/hour } ]");
      Gateway gateway =
          house.gateway(
              "access-log { enabled = true, file = \"" + log + "\" }", "redis.enabled = false");
      BlockingQueue<String> heard = new LinkedBlockingQueue<>();
      WebSocket first = open(gateway, heard);
      for (int i = 0; i < 20; i++) {
        first.sendText("message " + i, true).join();
        assertThat(heard.poll(10, TimeUnit.SECONDS)).contains("message " + i);
      }
      assertThat(metric(house, gateway, "sluice_websocket_open")).isEqualTo("1");
      assertThat(Files.readString(log)).doesNotContain(SOCKET);
      first.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
      Eventually.becomes(
          "the tunnel is gone", () -> "0".equals(metric(house, gateway, "sluice_websocket_open")));

      try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
        socket.setSoTimeout(30_000);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
        socket.getOutputStream().write(opening().getBytes(ISO_8859_1));
        assertThat(head(in))
            .contains("HTTP/1.1 101 Switching Protocols")
            .anyMatch(line -> line.startsWith("RateLimit: \"socket\";r=0;"));
      }
      try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
        socket.setSoTimeout(30_000);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
        for (int i = 0; i < 2; i++) {
          socket.getOutputStream().write(opening().getBytes(ISO_8859_1));
          List<String> head = head(in);
          assertThat(head.get(0)).startsWith("HTTP/1.1 429 ");
          int length =
              head.stream()
                  .filter(line -> line.startsWith("Content-Length: "))
                  .mapToInt(line -> Integer.parseInt(line.substring(16)))
                  .findFirst()
                  .orElseThrow();
          assertThat(in.skip(length)).isEqualTo(length);
        }
      }
      assertThat(metric(house, gateway, "sluice_websocket_total")).isEqualTo("2");
      Eventually.becomes("the log tells all", () -> lines(log).size() == 4);
      assertThat(lines(log).get(0)).contains("\"status\":101", "\"outcome\":\"granted\"");
      assertThat(lines(log)).anyMatch(line -> line.contains("\"status\":429"));
      assertThat(bytes(lines(log).get(0))).isGreaterThan(20 * 10);
    }
  }

  private static int bytes(String line) {
    return Integer.parseInt(line.replaceAll(".*\"bytes\":(\\d+).*", "$1"));
  }

  private static List<String> lines(Path log) {
    try {
      return Files.readAllLines(log).stream().filter(line -> line.contains(SOCKET)).toList();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String metric(House house, Gateway gateway, String name) {
    return house
        .admin(gateway, "GET", "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElse("missing");
  }

  private static String opening() {
    return "GET "
        + SOCKET
        + " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  }

  private static List<String> head(BufferedReader in) throws Exception {
    List<String> head = new ArrayList<>();
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      head.add(line);
    }
    return head;
  }

  private static WebSocket open(Gateway gateway, BlockingQueue<String> heard) {
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(
            URI.create("ws://127.0.0.1:" + gateway.port() + SOCKET),
            new WebSocket.Listener() {
              @Override
              public @Nullable CompletionStage<?> onText(
                  WebSocket from, CharSequence data, boolean last) {
                heard.add(data.toString());
                from.request(1);
                return null;
              }
            })
        .join();
  }
}
