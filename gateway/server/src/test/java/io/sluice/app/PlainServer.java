package io.sluice.app;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A server that can be killed in the middle of its work, like a process, and brought back. */
final class PlainServer implements AutoCloseable {

  private static final long THINKING = TimeUnit.MILLISECONDS.toNanos(2);

  final AtomicLong served = new AtomicLong();
  private final String name;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private ServerSocket listener;

  PlainServer(String name) throws IOException {
    this.name = name;
    this.listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    accept(listener);
  }

  int port() {
    return listener.getLocalPort();
  }

  int open() {
    return open.size();
  }

  /** Closes everything at once, answers that are under way among it. */
  void kill() throws IOException {
    listener.close();
    for (Socket socket : open) {
      try {
        socket.setSoLinger(true, 0);
        socket.close();
      } catch (SocketException e) {
        // Closed by the other side in the meantime.
      }
    }
  }

  /** Listens again where it did. */
  void revive() throws IOException {
    listener = new ServerSocket(listener.getLocalPort(), 200, InetAddress.getLoopbackAddress());
    accept(listener);
  }

  private void accept(ServerSocket on) {
    run(() -> {
      while (true) {
        try {
          Socket socket = on.accept();
          open.add(socket);
          run(() -> serve(socket));
        } catch (IOException e) {
          return;
        }
      }
    });
  }

  private void run(Runnable work) {
    Thread thread = new Thread(work, "plain-server");
    threads.add(thread);
    thread.start();
  }

  /** Each answer is one write, so a kill leaves it whole or not begun. */
  private void serve(Socket socket) {
    byte[] answer =
        "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(name.length(), name)
            .getBytes(StandardCharsets.US_ASCII);
    try (socket) {
      socket.setTcpNoDelay(true);
      BufferedInputStream in = new BufferedInputStream(socket.getInputStream());
      while (Wire.readHead(in) != null) {
        LockSupport.parkNanos(THINKING);
        socket.getOutputStream().write(answer);
        served.incrementAndGet();
      }
    } catch (IOException e) {
      // Killed, or the gateway hung up.
    } finally {
      open.remove(socket);
    }
  }

  @Override
  public void close() throws IOException {
    kill();
    try {
      for (Thread thread : threads) {
        thread.join(5000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
