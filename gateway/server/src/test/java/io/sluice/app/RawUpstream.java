package io.sluice.app;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An upstream on a bare socket: records what reaches it, octet for octet, and plays a script. */
final class RawUpstream implements AutoCloseable {

  /** What the upstream does with one connection; closed when it returns. */
  interface Script {
    void play(Call call) throws IOException, InterruptedException;
  }

  private final ServerSocket listener;
  private final Script script;
  private final Thread acceptor;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();

  private RawUpstream(Script script) throws IOException {
    this(new ServerSocket(0, 200, InetAddress.getLoopbackAddress()), script);
  }

  /** Plays the script on each connection to a listener, of TLS for example. */
  RawUpstream(ServerSocket listener, Script script) {
    this.script = script;
    this.listener = listener;
    this.acceptor = new Thread(this::accept, "raw-upstream");
    acceptor.start();
  }

  /** Plays the script on each connection. */
  static RawUpstream playing(Script script) throws IOException {
    return new RawUpstream(script);
  }

  /** Gives this answer to every request, after reading its content, and keeps connections open. */
  static RawUpstream answering(String answer) throws IOException {
    return new RawUpstream(call -> {
      while (call.readHead()) {
        call.readBody();
        call.write(answer);
      }
    });
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Waits for the next request head that arrived, request line included, ending in CRLF. */
  String head() throws InterruptedException {
    String head = heads.poll(10, TimeUnit.SECONDS);
    if (head == null) {
      throw new AssertionError("no request reached the upstream");
    }
    return head;
  }

  /** Returns how many heads have arrived and were not asked for. */
  int headsWaiting() {
    return heads.size();
  }

  int connectionsOpen() {
    return open.size();
  }

  private void accept() {
    while (true) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        Thread thread = new Thread(() -> serve(socket), "raw-upstream-call");
        threads.add(thread);
        thread.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      script.play(new Call(socket));
    } catch (IOException | InterruptedException e) {
      // The gateway hung up, or the test is over.
    } finally {
      open.remove(socket);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
    try {
      acceptor.join(5000);
      for (Thread thread : threads) {
        thread.interrupt();
        thread.join(5000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One connection to the upstream. */
  final class Call {

    private final Socket socket;
    private final InputStream in;
    private String head = "";

    Call(Socket socket) throws IOException {
      this.socket = socket;
      this.in = new BufferedInputStream(socket.getInputStream());
      socket.setTcpNoDelay(true);
    }

    /** Reads and records a request head; false at the end of the connection. */
    boolean readHead() throws IOException {
      String text = Wire.readHead(in);
      if (text == null) {
        return false;
      }
      head = text;
      heads.add(text);
      return true;
    }

    String head() {
      return head;
    }

    /** Reads the content that the head announces. */
    byte[] readBody() throws IOException {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      Wire.readBody(in, head, body);
      return body.toByteArray();
    }

    Socket socket() {
      return socket;
    }

    InputStream in() {
      return in;
    }

    void write(String text) throws IOException {
      write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void write(byte[] octets) throws IOException {
      socket.getOutputStream().write(octets);
      socket.getOutputStream().flush();
    }

    /** Ends the connection with a reset. */
    void reset() throws IOException {
      try {
        socket.setSoLinger(true, 0);
      } catch (SocketException closed) {
        return;
      }
      socket.close();
    }
  }
}
