package io.sluice.app;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/**
 * Jetty's WebSocket server as an upstream: sends back every message, and does as it is told by
 * {@code close CODE}, {@code ping WORD} and {@code abort}.
 */
final class SocketUpstream implements AutoCloseable {

  static final int LARGEST = 32 * 1024 * 1024;

  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server, 1, 1);
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

  SocketUpstream() throws Exception {
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(
        WebSocketUpgradeHandler.from(
            server,
            container -> {
              container.setMaxTextMessageSize(LARGEST);
              container.setMaxBinaryMessageSize(LARGEST);
              container.setIdleTimeout(Duration.ofMinutes(1));
              container.addMapping(
                  "/*",
                  (request, response, callback) -> {
                    if (request.hasSubProtocol("chat.v2")) {
                      response.setAcceptedSubProtocol("chat.v2");
                    }
                    return new Echo();
                  });
            }));
    server.start();
  }

  int port() {
    return connector.getLocalPort();
  }

  /** Waits for what happened next: {@code close CODE REASON}, {@code pong WORD}, {@code error}. */
  String event() throws InterruptedException {
    String event = events.poll(10, TimeUnit.SECONDS);
    if (event == null) {
      throw new AssertionError("nothing happened at the upstream");
    }
    return event;
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the upstream did not stop", e);
    }
  }

  /** Public, because Jetty looks for the methods of a WebSocket endpoint by reflection. */
  public final class Echo implements Session.Listener.AutoDemanding {

    private @Nullable Session session;

    @Override
    public void onWebSocketOpen(Session opened) {
      session = opened;
    }

    private Session session() {
      return java.util.Objects.requireNonNull(session);
    }

    @Override
    public void onWebSocketText(String message) {
      if (message.startsWith("close ")) {
        session().close(Integer.parseInt(message.substring(6)), "as told", Callback.NOOP);
      } else if (message.startsWith("ping ")) {
        session().sendPing(BufferUtil.toBuffer(message.substring(5)), Callback.NOOP);
      } else if (message.equals("abort")) {
        session().disconnect();
      } else {
        session().sendText(message, Callback.NOOP);
      }
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
      session().sendBinary(payload, callback);
    }

    @Override
    public void onWebSocketPong(ByteBuffer payload) {
      events.add("pong " + BufferUtil.toString(payload));
    }

    @Override
    public void onWebSocketError(Throwable cause) {
      events.add("error");
    }

    @Override
    public void onWebSocketClose(int code, @Nullable String reason, Callback callback) {
      events.add("close " + code + " " + (reason == null ? "" : reason));
      callback.succeed();
    }
  }
}
