package io.sluice.http2;

import io.sluice.upstream.Ageing;
import io.sluice.upstream.Call;
import io.sluice.upstream.CallListener;
import io.sluice.upstream.NameLookup;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.Sockets;
import io.sluice.upstream.Tick;
import io.sluice.upstream.TimeLimits;
import io.sluice.upstream.Upstream;
import io.sluice.upstream.UpstreamSettings;
import io.sluice.upstream.UpstreamStatus;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/2 connections to one upstream (RFC 9113), in the clear with prior knowledge, or over
 * whatever the sockets put in between. A connection carries up to a hundred calls at once, fewer
 * where the upstream says so; another is opened only when all are full. Thread-safe between start
 * and stop; nothing blocks, and answers are handed on by the thread that received them.
 */
public final class Http2Upstream implements Upstream {

  private final Sessions sessions;
  private final Ageing ageing;
  private final Tick tick;

  /**
   * Creates the upstream; nothing is connected before it is needed.
   *
   * @param sockets where its connections are opened; must be running between start and stop
   * @param executor looks up names
   * @param scheduler wakes a few times a second for the time limits
   * @param buffers lends the memory that answers are received in
   */
  public Http2Upstream(
      UpstreamSettings settings,
      Sockets sockets,
      Executor executor,
      Scheduler scheduler,
      ByteBufferPool buffers) {
    String host = settings.upstream().getHost();
    NameLookup names = new NameLookup(host, executor);
    this.sessions =
        new Sessions(settings, sockets, names, new Handshakes(executor, scheduler, buffers));
    this.ageing = new Ageing(sessions, names, host);
    this.tick = new Tick(settings, scheduler, this::look);
  }

  @Override
  public void start() {
    tick.start();
  }

  @Override
  public void stop() {
    tick.stop();
    sessions.close();
  }

  @Override
  public void retire() {
    sessions.retire();
  }

  @Override
  public UpstreamStatus status() {
    return sessions.status();
  }

  @Override
  public Call call(
      RequestHead head,
      Content.@Nullable Source content,
      TimeLimits limits,
      CallListener listener) {
    return new Http2Call(sessions, head, content, limits, listener);
  }

  private void look(long now) {
    sessions.check(now);
    ageing.check(now);
  }
}
