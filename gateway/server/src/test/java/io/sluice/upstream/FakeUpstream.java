package io.sluice.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that receives and sends exact octets, as a script for each connection says. */
final class FakeUpstream implements AutoCloseable {

  /** What is done with a connection, the number of which counts from one; it is closed after. */
  interface Script {
    void play(Talk talk, int number) throws IOException, InterruptedException;
  }

  /** One connection. */
  record Talk(Socket socket, InputStream in) {

    /** Reads up to and with the empty line; "" at the end of the connection. */
    String head() throws IOException {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
        int octet = in.read();
        if (octet < 0) {
          return "";
        }
        head.write(octet);
      }
      return head.toString(ISO_8859_1);
    }

    String read(int octets) throws IOException {
      byte[] read = in.readNBytes(octets);
      if (read.length < octets) {
        throw new EOFException();
      }
      return new String(read, ISO_8859_1);
    }

    void write(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    void awaitEnd() throws IOException {
      while (in.read() >= 0) {}
    }
  }

  private final ServerSocket listener;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger accepted = new AtomicInteger();
  private final Script script;

  FakeUpstream(Script script) throws IOException {
    this(InetAddress.getLoopbackAddress(), 0, script);
  }

  FakeUpstream(InetAddress address, int port, Script script) throws IOException {
    this.listener = new ServerSocket(port, 200, address);
    this.script = script;
    Thread acceptor = new Thread(this::accept, "fake-upstream");
    threads.add(acceptor);
    acceptor.start();
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Returns how many connections are open, as far as has been noticed. */
  int open() {
    return open.get();
  }

  int accepted() {
    return accepted.get();
  }

  private void accept() {
    while (true) {
      try {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        open.incrementAndGet();
        int number = accepted.incrementAndGet();
        Thread thread = new Thread(() -> play(socket, number), "fake-upstream-" + number);
        threads.add(thread);
        thread.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private void play(Socket socket, int number) {
    try (socket) {
      script.play(new Talk(socket, new BufferedInputStream(socket.getInputStream())), number);
    } catch (IOException | InterruptedException e) {
      // The other side hung up, or the test is over.
    } finally {
      open.decrementAndGet();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    try {
      for (Thread thread : threads) {
        thread.interrupt();
        thread.join(5000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
