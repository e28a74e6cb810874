package io.sluice.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;

/** A transport to some port, with threads of its own. Closing it looks for buffers not returned. */
final class Rig implements AutoCloseable {

  static final Duration LONG = Duration.ofSeconds(20);

  private final QueuedThreadPool threads = new QueuedThreadPool(20, 4);
  private final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler();
  private final ArrayByteBufferPool.Tracking buffers = new ArrayByteBufferPool.Tracking();
  private final OwnSelectors selectors;
  private final Upstream upstream;
  private final TimeLimits limits;

  Rig(UpstreamSettings settings) throws Exception {
    this(settings, NameResolver.SYSTEM);
  }

  Rig(UpstreamSettings settings, NameResolver resolver) throws Exception {
    threads.start();
    scheduler.start();
    selectors = new OwnSelectors(threads, scheduler, 2);
    selectors.start();
    upstream = new Http1Upstream(settings, selectors, threads, scheduler, buffers, resolver);
    upstream.start();
    limits = settings.limits();
  }

  static Rig to(FakeUpstream server) throws Exception {
    return new Rig(settings(server.port(), LONG, LONG, 10, 10));
  }

  static UpstreamSettings settings(
      int port, Duration response, Duration idle, int connections, int queued) {
    return new UpstreamSettings(
        URI.create("http://127.0.0.1:" + port), LONG, response, idle, connections, queued);
  }

  /** A call waits for a connection for so long, and for everything else for very long. */
  static UpstreamSettings connecting(int port, Duration connect, int connections, int queued) {
    return new UpstreamSettings(
        URI.create("http://127.0.0.1:" + port), connect, LONG, LONG, connections, queued);
  }

  UpstreamStatus status() {
    return upstream.status();
  }

  void retire() {
    upstream.retire();
  }

  Heard get() {
    return send("GET", HttpFields.build().add("Host", "a"), null);
  }

  Heard send(String method, HttpFields fields, Content.@Nullable Source content) {
    return prepare(method, fields, content, true).send();
  }

  Heard prepare(
      String method, HttpFields fields, Content.@Nullable Source content, boolean reading) {
    return new Heard(upstream, limits, new RequestHead(method, "/", fields), content, reading);
  }

  @Override
  public void close() {
    try {
      Eventually.becomes("all buffers are given back", () -> buffers.getLeaks().isEmpty());
      upstream.stop();
      selectors.stop();
      scheduler.stop();
      threads.stop();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    assertThat(buffers.getLeaks()).isEmpty();
  }

  /** One call and what was heard of it. */
  static final class Heard implements CallListener {

    private final boolean reading;
    private final Call call;
    private final AtomicInteger ends = new AtomicInteger();
    private final StringBuilder content = new StringBuilder();
    private final StringBuilder interims = new StringBuilder();
    private final CompletableFuture<Content.Source> source = new CompletableFuture<>();
    private final CompletableFuture<String> whole = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Throwable> over = new CompletableFuture<>();
    volatile int status;
    volatile int pieces;

    Heard(
        Upstream upstream,
        TimeLimits limits,
        RequestHead head,
        Content.@Nullable Source content,
        boolean reading) {
      this.reading = reading;
      this.call = upstream.call(head, content, limits, this);
    }

    Heard send() {
      call.send();
      return this;
    }

    void abort(Throwable cause) {
      call.abort(cause);
    }

    /** Returns the content, once all of it is here. */
    String text() throws Exception {
      return whole.get(10, TimeUnit.SECONDS);
    }

    Content.Source source() throws Exception {
      return source.get(10, TimeUnit.SECONDS);
    }

    /** Returns how the call ended, once it has. */
    @Nullable Throwable end() throws Exception {
      return over.get(10, TimeUnit.SECONDS);
    }

    boolean isOver() {
      return over.isDone();
    }

    String interims() {
      return interims.toString();
    }

    @Override
    public void interim(int status, HttpFields fields) {
      interims.append(status).append(' ');
    }

    @Override
    public void answered(int status, HttpFields fields, Content.Source content) {
      assertThat(over).isNotDone();
      this.status = status;
      source.complete(content);
      if (reading) {
        read(content);
      }
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
        pieces++;
        content.append(ISO_8859_1.decode(chunk.getByteBuffer()));
        chunk.release();
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
