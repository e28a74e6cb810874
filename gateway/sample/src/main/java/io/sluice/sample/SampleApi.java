package io.sluice.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/**
 * A small API to put a gateway in front of: chat, auth, upload, search and users. Its answers are
 * short JSON that shows what arrived, so that someone with curl sees what a gateway changed. It
 * keeps the last few chat messages and nothing else. Thread-safe.
 *
 * <ul>
 *   <li>{@code GET /}: a chat page that uses all of what follows
 *   <li>{@code POST /api/chat/messages}, {@code GET /api/chat}
 *   <li>{@code GET /api/chat/socket}: a WebSocket that tells each message and takes new ones
 *   <li>{@code GET /api/chat/live}: each message as a Server-Sent Event
 *   <li>{@code GET /api/chat/events?count=4}: a count of Server-Sent Events, 250 ms apart
 *   <li>{@code POST /api/auth/login}
 *   <li>{@code POST /api/upload/NAME}
 *   <li>{@code GET /api/search?q=WORDS}
 *   <li>{@code GET /api/users/ID}
 * </ul>
 */
public final class SampleApi implements AutoCloseable {

  private static final int THREADS = 96;
  private static final int BACKLOG = 1_024;
  private static final Duration QUIET_SOCKET = Duration.ofMinutes(10);

  private final Server server;
  private final ServerConnector connector;

  private SampleApi(String host, int port) {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 4);
    threads.setName("sample-api");
    threads.setDaemon(true);
    server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(host);
    connector.setPort(port);
    connector.setAcceptQueueSize(BACKLOG);
    server.addConnector(connector);
    ChatRoom room = new ChatRoom();
    server.setHandler(sockets(room, new SampleRoutes(room)));
  }

  private WebSocketUpgradeHandler sockets(ChatRoom room, Handler others) {
    WebSocketUpgradeHandler sockets =
        WebSocketUpgradeHandler.from(
            server,
            container -> {
              container.setIdleTimeout(QUIET_SOCKET);
              container.addMapping(
                  "/api/chat/socket", (request, response, callback) -> new ChatSocket(room));
            });
    sockets.setHandler(others);
    return sockets;
  }

  /**
   * Starts one.
   *
   * @param host address to listen on
   * @param port 0 chooses a free one
   * @throws UncheckedIOException when the port is taken
   */
  public static SampleApi start(String host, int port) {
    SampleApi api = new SampleApi(host, port);
    try {
      api.server.start();
      return api;
    } catch (Exception e) {
      api.close();
      throw new UncheckedIOException(
          "the sample API cannot listen on %s:%d; choose another port".formatted(host, port),
          e instanceof IOException failure ? failure : new IOException(e));
    }
  }

  /** Returns the port it listens on. */
  public int port() {
    return connector.getLocalPort();
  }

  /** Stops at once, cutting off what is under way. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the sample API did not stop: " + e.getMessage(), e);
    }
  }
}
