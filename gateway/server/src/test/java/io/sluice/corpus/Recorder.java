package io.sluice.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The upstream of the corpus: writes down what reaches it. Requests of the runner's own are
 * answered with what they were; all others too, or as their case says.
 */
final class Recorder implements AutoCloseable {

  /** Targets that begin so are the runner's own. */
  static final String OWN = "/own-";

  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final Thread acceptor;
  private volatile @Nullable Case current;
  private volatile boolean played;

  Recorder(int port) throws IOException {
    listener = new ServerSocket(port, 200, InetAddress.getLoopbackAddress());
    acceptor = new Thread(this::accept, "recorder");
    acceptor.setDaemon(true);
    acceptor.start();
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Forgets what was seen, and plays the upstream of this case from now on. */
  void begin(Case next) {
    seen.clear();
    played = false;
    current = next;
  }

  /** Returns whether the whole answer of the case has been sent. */
  boolean hasPlayed() {
    return played;
  }

  /** Returns the requests that are not the runner's own, in the order of their arrival. */
  List<Seen> seen() {
    return List.copyOf(seen);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        Thread serving = new Thread(() -> serve(socket), "recorder-connection");
        serving.setDaemon(true);
        serving.start();
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      Head head = Wire.readHead(in);
      while (head != null && serve(head, in, socket)) {
        head = Wire.readHead(in);
      }
    } catch (IOException | InterruptedException gone) {
      // The gateway hung up, which the request that was under way says.
    } finally {
      open.remove(socket);
    }
  }

  /** Serves one request; returns whether another may follow. */
  private boolean serve(Head head, InputStream in, Socket socket)
      throws IOException, InterruptedException {
    Seen request = new Seen(head);
    boolean own = head.target().startsWith(OWN);
    if (!own) {
      seen.add(request);
    }
    Case script = current;
    boolean scripted = !own && script != null && script.isAnswerCase();
    if (scripted && script.has("early")) {
      request.brokenOff("", "");
      play(script, socket);
      // Closed at once, it would be reset, and what was answered lost.
      socket.shutdownOutput();
      in.skip(Long.MAX_VALUE);
      return false;
    }
    if (!readBody(request, in)) {
      return false;
    }
    if (scripted) {
      return play(script, socket);
    }
    socket.getOutputStream().write(echo(request));
    return true;
  }

  private static boolean readBody(Seen request, InputStream in) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    String why = "";
    try {
      if (request.head().isChunked()) {
        Wire.readChunks(in, body);
      } else {
        Wire.readLength(in, Math.max(0, request.head().length()), body);
      }
      request.whole(body.toString(ISO_8859_1));
      return true;
    } catch (ProtocolException e) {
      why = String.valueOf(e.getMessage());
    } catch (IOException brokenOff) {
      // As it is told below.
    }
    request.brokenOff(body.toString(ISO_8859_1), why);
    return false;
  }

  private static byte[] echo(Seen request) {
    String line = request.head().startLine();
    String text =
        line.substring(0, Math.max(0, line.lastIndexOf(' '))) + ' ' + request.body().length();
    String head = "HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n";
    return (line.startsWith("HEAD ") ? head : head + text).getBytes(ISO_8859_1);
  }

  private boolean play(Case script, Socket socket) throws IOException, InterruptedException {
    OutputStream out = socket.getOutputStream();
    for (int i = 0; i < script.answer().size(); i++) {
      if (i > 0) {
        TimeUnit.MILLISECONDS.sleep(Case.PAUSE_MILLIS);
      }
      out.write(script.answer().get(i));
    }
    played = true;
    switch (script.one("then", "keep")) {
      case "close" -> {
        return false;
      }
      case "reset" -> {
        socket.setSoLinger(true, 0);
        return false;
      }
      case "keep" -> {
        return true;
      }
      default -> throw new EOFException("unknown ending of " + script);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
