package io.sluice.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.Callback;

/**
 * A client of several gateways, one request at a time. It keeps connections, and goes to the next
 * gateway when it gets no connection; whatever else goes wrong ends it with an exception.
 */
abstract class RestartClient {

  private static final String PATH = "/api/users/1";

  private final int[] ports;
  private final SplittableRandom random;
  private int next;

  private RestartClient(int[] ports, int number) {
    this.ports = ports;
    this.next = number;
    this.random = new SplittableRandom(number);
  }

  /** Asks until it is over. */
  final Void run(AtomicBoolean over, AtomicInteger answered) throws Exception {
    try {
      while (!over.get()) {
        int status = ask();
        if (status != 200) {
          throw new IOException("answered " + status);
        }
        answered.incrementAndGet();
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(20_000)));
      }
    } finally {
      close();
    }
    return null;
  }

  /** Returns the status of the answer. */
  abstract int ask() throws Exception;

  abstract void close() throws Exception;

  /**
   * Connects to whichever gateway lets it in. Besides being refused, a handshake may be reset, when
   * the gateway stops listening at that instant.
   */
  final <T> T connected(Connecting<T> connecting) throws Exception {
    for (int tries = 0; true; tries++) {
      int port = ports[next++ % ports.length];
      try {
        return connecting.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      } catch (SocketException e) {
        if (tries > ports.length) {
          throw e;
        }
      }
    }
  }

  interface Connecting<T> {
    T connect(InetSocketAddress address) throws Exception;
  }

  /** Over HTTP/1.1, with one connection that is kept as long as the gateway keeps it. */
  static final class Http1 extends RestartClient {

    private Socket socket = new Socket();
    private InputStream in = InputStream.nullInputStream();

    Http1(int[] ports, int number) {
      super(ports, number);
    }

    @Override
    int ask() throws Exception {
      if (!socket.isConnected() || socket.isClosed()) {
        socket = connected(address -> new Socket(address.getAddress(), address.getPort()));
        socket.setSoTimeout(20_000);
        in = new BufferedInputStream(socket.getInputStream());
      }
      socket
          .getOutputStream()
          .write(("GET " + PATH + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(ISO_8859_1));
      String head = head().toLowerCase(Locale.ROOT);
      int length = Integer.parseInt(head.split("content-length: ", 2)[1].split("\r\n", 2)[0]);
      if (in.readNBytes(length).length < length) {
        throw new IOException("half an answer");
      }
      if (head.contains("connection: close")) {
        socket.close();
      }
      return Integer.parseInt(head.split(" ", 3)[1]);
    }

    private String head() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int octet = in.read();
        if (octet < 0) {
          throw new IOException("no answer on a connection that was kept: " + head);
        }
        head.append((char) octet);
      }
      return head.toString();
    }

    @Override
    void close() throws IOException {
      socket.close();
    }
  }

  /** Over HTTP/2; leaves a connection when it is told to. */
  static final class Http2 extends RestartClient {

    private final HTTP2Client client = new HTTP2Client();
    private volatile boolean told = true;
    private Session session;

    Http2(int[] ports, int number) throws Exception {
      super(ports, number);
      client.start();
      session = connect();
    }

    private Session connect() throws Exception {
      return connected(address -> {
        AtomicBoolean away = new AtomicBoolean();
        try {
          Session made = client.connect(address, new Leaving(away)).get(10, TimeUnit.SECONDS);
          told = away.get();
          return made;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof SocketException refused) {
            throw refused;
          }
          throw e;
        }
      });
    }

    @Override
    int ask() throws Exception {
      if (told) {
        session = connect();
      }
      CompletableFuture<Integer> status = new CompletableFuture<>();
      HttpURI uri = HttpURI.from("http://a" + PATH);
      MetaData.Request request =
          new MetaData.Request("GET", uri, HttpVersion.HTTP_2, HttpFields.EMPTY);
      session
          .newStream(new HeadersFrame(request, null, true), new Answer(status))
          .get(10, TimeUnit.SECONDS);
      return status.get(20, TimeUnit.SECONDS);
    }

    @Override
    void close() throws Exception {
      client.stop();
    }

    private final class Leaving implements Session.Listener {

      private final AtomicBoolean away;

      Leaving(AtomicBoolean away) {
        this.away = away;
      }

      @Override
      public void onGoAway(Session from, GoAwayFrame frame) {
        away.set(true);
        told = true;
      }
    }

    private record Answer(CompletableFuture<Integer> status) implements Stream.Listener {

      @Override
      public void onHeaders(Stream from, HeadersFrame frame) {
        int code = ((MetaData.Response) frame.getMetaData()).getStatus();
        if (frame.isEndStream()) {
          status.complete(code);
        } else {
          from.demand();
        }
      }

      @Override
      public void onDataAvailable(Stream from) {
        Stream.Data data = from.readData();
        if (data == null) {
          from.demand();
          return;
        }
        boolean last = data.frame().isEndStream();
        data.release();
        if (last) {
          status.complete(200);
        } else {
          from.demand();
        }
      }

      @Override
      public void onReset(Stream from, ResetFrame frame, Callback callback) {
        status.completeExceptionally(new IOException("stream reset: " + frame.getError()));
        callback.succeeded();
      }

      @Override
      public void onFailure(
          Stream from, int error, String reason, Throwable failure, Callback callback) {
        status.completeExceptionally(failure == null ? new IOException(reason) : failure);
        callback.succeeded();
      }
    }
  }
}
