package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients and a server of real libraries, the JDK's and Jetty's, with the gateway between. */
@NullMarked
@Timeout(60)
class WebSocketTest {

  private static final int LARGE = 16 * 1024 * 1024;

  private SocketUpstream upstream;
  private SocketHouse house;

  @BeforeEach
  void open() throws Exception {
    upstream = new SocketUpstream();
    house = new SocketHouse(upstream.port(), SocketHouse.USUAL);
  }

  @AfterEach
  void close() throws Exception {
    house.assertNothingIsLeft();
    house.close();
    upstream.close();
  }

  private void end(SocketClient client) throws InterruptedException {
    client.socket().sendClose(WebSocket.NORMAL_CLOSURE, "done").join();
    assertThat(client.event()).startsWith("close 1000");
    assertThat(upstream.event()).isEqualTo("close 1000 done");
  }

  @Test
  void messagesPassBothWays() throws Exception {
    SocketClient client = new SocketClient(house.port());
    client.socket().sendText("grüß Gott", true).join();
    assertThat(client.event()).isEqualTo("text grüß Gott");
    byte[] octets = {0, 1, (byte) 0xff, 0x7f};
    client.socket().sendBinary(ByteBuffer.wrap(octets), true).join();
    assertThat(client.event()).isEqualTo(SocketClient.binary(octets));
    assertThat(house.tunnels().open()).isEqualTo(1);
    assertThat(house.tunnels().total()).isEqualTo(1);
    end(client);
    assertThat(house.gateway().upstreamEvents).containsExactly("101");
  }

  @Test
  void fragmentsPassBetweenPings() throws Exception {
    SocketClient client = new SocketClient(house.port());
    client.socket().sendText("in ", false).join();
    client
        .socket()
        .sendPing(ByteBuffer.wrap("one".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .join();
    client.socket().sendText("three ", false).join();
    client.socket().sendText("parts", true).join();
    assertThat(client.event()).isEqualTo("pong one");
    assertThat(client.event()).isEqualTo("text in three parts");
    client.socket().sendText("ping two", true).join();
    assertThat(upstream.event()).isEqualTo("pong two");
    end(client);
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1011, 4000, 4999})
  void theUpstreamsCloseCodesReachTheClient(int code) throws Exception {
    SocketClient client = new SocketClient(house.port());
    client.socket().sendText("close " + code, true).join();
    assertThat(client.event()).isEqualTo("close " + code + " as told");
    assertThat(upstream.event()).startsWith("close " + code);
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 3000, 4000, 4999})
  void theClientsCloseCodesReachTheUpstream(int code) throws Exception {
    SocketClient client = new SocketClient(house.port());
    client.socket().sendClose(code, "mine").join();
    assertThat(upstream.event()).isEqualTo("close " + code + " mine");
    assertThat(client.event()).startsWith("close " + code);
  }

  @Test
  void aSubprotocolIsAgreedOn() throws Exception {
    SocketClient client = new SocketClient(house.port(), "chat.v1", "chat.v2");
    assertThat(client.socket().getSubprotocol()).isEqualTo("chat.v2");
    end(client);
  }

  @Test
  void sixteenMegabytesPassBothWays() throws Exception {
    byte[] large = new byte[LARGE];
    new Random(1).nextBytes(large);
    SocketClient client = new SocketClient(house.port());
    client.socket().sendBinary(ByteBuffer.wrap(large), true).join();
    assertThat(client.event()).isEqualTo(SocketClient.binary(large));
    end(client);
  }

  @Test
  void anUpstreamThatBreaksOffIsNoOrderlyEnd() throws Exception {
    SocketClient client = new SocketClient(house.port());
    client.socket().sendText("abort", true).join();
    // The JDK's client tells the lack of a Close frame as 1006 or as an error.
    assertThat(client.event()).matches("close 1006.*|error");
  }

  @Test
  void aClientThatBreaksOffIsNoOrderlyEnd() throws Exception {
    SocketClient client = new SocketClient(house.port());
    client.socket().abort();
    assertThat(upstream.event()).matches("error|close 1006.*");
  }

  @Test
  void compressedMessagesPassUntouched() throws Exception {
    WebSocketClient client = new WebSocketClient();
    client.setMaxTextMessageSize(SocketUpstream.LARGEST);
    client.start();
    try {
      BlockingQueue<String> heard = new LinkedBlockingQueue<>();
      ClientUpgradeRequest request =
          new ClientUpgradeRequest(URI.create("ws://127.0.0.1:" + house.port() + "/socket"));
      request.addExtensions("permessage-deflate");
      Session session = client.connect(new Hearing(heard), request).get(20, TimeUnit.SECONDS);
      assertThat(session.getUpgradeResponse().getExtensions())
          .anyMatch(extension -> extension.getName().equals("permessage-deflate"));
      String text = "compressible ".repeat(LARGE / 13);
      session.sendText(text, Callback.NOOP);
      assertThat(Objects.requireNonNull(heard.poll(30, TimeUnit.SECONDS)).equals(text)).isTrue();
      session.close(1000, "done", Callback.NOOP);
      assertThat(upstream.event()).isEqualTo("close 1000 done");
    } finally {
      client.stop();
    }
  }

  /** Hears messages only. */
  public record Hearing(BlockingQueue<String> heard) implements Session.Listener.AutoDemanding {

    @Override
    public void onWebSocketText(String message) {
      heard.add(message);
    }
  }
}
