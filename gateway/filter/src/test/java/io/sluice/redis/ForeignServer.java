package io.sluice.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that is no Redis: it says the same to everyone who connects. */
final class ForeignServer implements AutoCloseable {

  private final ServerSocket server;
  private final String greeting;
  private final boolean hangsUp;
  private final AtomicInteger connections = new AtomicInteger();
  private final List<Socket> open = new ArrayList<>();

  ForeignServer(String greeting, boolean hangsUp) throws IOException {
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.greeting = greeting;
    this.hangsUp = hangsUp;
    Thread thread = new Thread(this::serve, "foreign-server");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connections.incrementAndGet();
        open.add(socket);
        socket.getOutputStream().write(greeting.getBytes(StandardCharsets.US_ASCII));
        if (hangsUp) {
          socket.close();
        }
      } catch (IOException e) {
        if (!server.isClosed() && !hangsUp) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : List.copyOf(open)) {
      socket.close();
    }
  }
}
