package io.sluice.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.upstream.Call;
import io.sluice.upstream.CallListener;
import io.sluice.upstream.OwnSelectors;
import io.sluice.upstream.Protocol;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.UpstreamSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.Trailers;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** The transport and an upstream that plays a script on each connection, counted from one. */
@NullMarked
final class Http2Rig implements AutoCloseable {

  interface Script {
    void play(RawHttp2 talk, int number) throws IOException, InterruptedException;
  }

  static final Duration LONG = Duration.ofSeconds(20);

  private final QueuedThreadPool threads = new QueuedThreadPool(20, 4);
  private final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler();
  private final ArrayByteBufferPool.Tracking buffers = new ArrayByteBufferPool.Tracking();
  private final ServerSocket listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Thread> served = new CopyOnWriteArrayList<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private final OwnSelectors selectors;
  private final Http2Upstream upstream;
  private final UpstreamSettings settings;

  Http2Rig(Script script) throws Exception {
    this(LONG, 10, 10, new int[0], script);
  }

  /** Starts both; the array holds keys and values of the upstream's SETTINGS. */
  Http2Rig(Duration patience, int connections, int queued, int[] wants, Script script)
      throws Exception {
    Thread acceptor = new Thread(() -> accept(script, wants), "fake-http2");
    served.add(acceptor);
    acceptor.start();
    settings =
        new UpstreamSettings(
            URI.create("http://127.0.0.1:" + listener.getLocalPort()),
            LONG,
            patience,
            patience,
            connections,
            queued,
            UpstreamSettings.USUAL_AGE,
            Protocol.H2);
    threads.start();
    scheduler.start();
    selectors = new OwnSelectors(threads, scheduler, 2);
    selectors.start();
    upstream = new Http2Upstream(settings, selectors, threads, scheduler, buffers);
    upstream.start();
  }

  private void accept(Script script, int[] wants) {
    while (true) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        int number = accepted.incrementAndGet();
        Thread thread = new Thread(() -> play(script, socket, wants, number), "fake-http2-call");
        served.add(thread);
        thread.start();
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void play(Script script, Socket socket, int[] wants, int number) {
    try (RawHttp2 talk = RawHttp2.server(socket, wants)) {
      script.play(talk, number);
    } catch (IOException | InterruptedException e) {
      // The transport hung up, or the test is over.
    }
  }

  int accepted() {
    return accepted.get();
  }

  Heard get() {
    return send("x-a", "b", null);
  }

  Heard send(String name, String value, Content.@Nullable Source content) {
    HttpFields fields = HttpFields.build().add("Host", "a").add(name, value);
    Heard heard = new Heard();
    String method = content == null ? "GET" : "POST";
    RequestHead head = new RequestHead(method, "/", fields);
    heard.call = upstream.call(head, content, settings.limits(), heard);
    heard.call.send();
    return heard;
  }

  @Override
  public void close() {
    try {
      end();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void end() throws Exception {
    upstream.stop();
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    for (Thread thread : served) {
      thread.interrupt();
      thread.join(5000);
    }
    Eventually.becomes("all buffers are given back", () -> buffers.getLeaks().isEmpty());
    selectors.stop();
    scheduler.stop();
    threads.stop();
  }

  /** One call and what was heard of it; trailers stand in braces after the content. */
  static final class Heard implements CallListener {

    private final AtomicInteger ends = new AtomicInteger();
    private final StringBuilder content = new StringBuilder();
    private final StringBuilder interims = new StringBuilder();
    private final CompletableFuture<String> whole = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Throwable> over = new CompletableFuture<>();
    private @Nullable Call call;

    void abort(Throwable cause) {
      if (call != null) {
        call.abort(cause);
      }
    }

    String text() throws Exception {
      return whole.get(10, TimeUnit.SECONDS);
    }

    boolean isWhole() {
      return whole.isDone() && !whole.isCompletedExceptionally();
    }

    @Nullable Throwable end() throws Exception {
      return over.get(10, TimeUnit.SECONDS);
    }

    String interims() {
      return interims.toString();
    }

    @Override
    public void interim(int status, HttpFields fields) {
      interims.append(status).append(' ');
    }

    @Override
    public void answered(int status, HttpFields fields, Content.Source source) {
      assertThat(over).isNotDone();
      read(source);
    }

    private void read(Content.Source from) {
      while (true) {
        Content.Chunk chunk = from.read();
        if (chunk == null) {
          from.demand(() -> read(from));
          return;
        }
        if (Content.Chunk.isFailure(chunk)) {
          whole.completeExceptionally(chunk.getFailure());
          return;
        }
        content.append(ISO_8859_1.decode(chunk.getByteBuffer()));
        chunk.release();
        if (chunk instanceof Trailers trailers) {
          trailers
              .getTrailers()
              .forEach(f -> content.append("{" + f.getName() + "=" + f.getValue() + "}"));
        }
        if (chunk.isLast()) {
          whole.complete(content.toString());
          return;
        }
      }
    }

    @Override
    public void over(@Nullable Throwable failure) {
      assertThat(ends.incrementAndGet()).as("times told of the end").isOne();
      over.complete(failure);
    }
  }
}
