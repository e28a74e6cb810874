package io.sluice.app;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The JDK's WebSocket client, hearing everything. */
final class SocketClient implements WebSocket.Listener {

  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final StringBuilder text = new StringBuilder();
  private final ByteArrayOutputStream binary = new ByteArrayOutputStream();
  private final WebSocket socket;

  SocketClient(int port, String... subprotocols) {
    WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
    if (subprotocols.length > 0) {
      String[] others = java.util.Arrays.copyOfRange(subprotocols, 1, subprotocols.length);
      builder.subprotocols(subprotocols[0], others);
    }
    socket = builder.buildAsync(URI.create("ws://127.0.0.1:" + port + "/socket"), this).join();
  }

  WebSocket socket() {
    return socket;
  }

  /** Waits for what came next: {@code text ...}, {@code binary LENGTH SUM}, {@code close CODE}. */
  String event() throws InterruptedException {
    String event = events.poll(20, TimeUnit.SECONDS);
    if (event == null) {
      throw new AssertionError("nothing came to the client");
    }
    return event;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      events.add("text " + text);
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    byte[] octets = new byte[data.remaining()];
    data.get(octets);
    binary.writeBytes(octets);
    if (last) {
      events.add(binary(binary.toByteArray()));
      binary.reset();
    }
    from.request(1);
    return null;
  }

  static String binary(byte[] octets) {
    return "binary " + octets.length + " " + java.util.Arrays.hashCode(octets);
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
    events.add("pong " + StandardCharsets.UTF_8.decode(message));
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    events.add("close " + code + " " + reason);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    events.add("error");
  }
}
