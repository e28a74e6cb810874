package io.sluice.upstream;

import java.util.concurrent.Executor;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The pooled HTTP/1.1 connections to one upstream (RFC 9112). It adds nothing to a request and
 * interprets nothing in an answer but where it ends. Thread-safe between start and stop; nothing
 * blocks, and nothing is handed to another thread but the opening of connections.
 */
public final class Http1Upstream implements Upstream {

  private final UpstreamSettings settings;
  private final ByteBufferPool buffers;
  private final Sockets sockets;
  private final NameLookup names;
  private final Pool pool;
  private final Ageing ageing;
  private final Tick tick;

  /**
   * Creates the upstream; nothing is connected before it is needed.
   *
   * @param sockets where its connections are opened; must be running between start and stop
   * @param executor carries traffic and looks up names
   * @param scheduler wakes a few times a second for the time limits
   * @param buffers lends the memory that answers are received in
   */
  public Http1Upstream(
      UpstreamSettings settings,
      Sockets sockets,
      Executor executor,
      Scheduler scheduler,
      ByteBufferPool buffers) {
    this(settings, sockets, executor, scheduler, buffers, NameResolver.SYSTEM);
  }

  Http1Upstream(
      UpstreamSettings settings,
      Sockets sockets,
      Executor executor,
      Scheduler scheduler,
      ByteBufferPool buffers,
      NameResolver resolver) {
    this.settings = settings;
    this.buffers = buffers;
    this.sockets = sockets;
    this.names = new NameLookup(settings.upstream().getHost(), resolver, executor);
    this.pool = new Pool(settings, executor, this::dial);
    this.ageing = new Ageing(pool, names, settings.upstream().getHost());
    this.tick = new Tick(settings, scheduler, this::look);
  }

  @Override
  public void start() {
    tick.start();
  }

  @Override
  public void stop() {
    tick.stop();
    pool.close();
  }

  @Override
  public void retire() {
    pool.retire();
  }

  @Override
  public UpstreamStatus status() {
    return pool.status();
  }

  @Override
  public int waiting() {
    return pool.waiting();
  }

  @Override
  public boolean canSwitch() {
    return true;
  }

  @Override
  public Call call(
      RequestHead head,
      Content.@Nullable Source content,
      TimeLimits limits,
      CallListener listener) {
    return new Transfer(pool, head, content, limits, listener);
  }

  private Dial dial() {
    return new Dial(new Dialling(), settings, names, sockets);
  }

  private void look(long now) {
    pool.check(now);
    ageing.check(now);
  }

  /** Puts what was dialled into the pool. */
  private final class Dialling implements Dial.Owner {

    @Override
    public Connection opened(EndPoint endPoint, Dial dial) {
      return new UpstreamConnection(endPoint, pool, settings, buffers, dial);
    }

    @Override
    public void failed(Dial dial, Throwable cause) {
      pool.failed(dial, cause);
    }
  }
}
