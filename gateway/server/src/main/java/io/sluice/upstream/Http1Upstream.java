package io.sluice.upstream;

import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
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

  private static final long LONGEST_TICK = 250;

  private final UpstreamSettings settings;
  private final Scheduler scheduler;
  private final ByteBufferPool buffers;
  private final Sockets sockets;
  private final NameLookup names;
  private final Pool pool;
  private final Ageing ageing;
  private volatile boolean running;
  private volatile Scheduler.@Nullable Task ticking;

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
    this.scheduler = scheduler;
    this.buffers = buffers;
    this.sockets = sockets;
    this.names = new NameLookup(settings.upstream().getHost(), resolver, executor);
    this.pool = new Pool(settings, executor, this::dial);
    this.ageing = new Ageing(pool, names, settings.upstream().getHost());
  }

  @Override
  public void start() {
    running = true;
    tick();
  }

  @Override
  public void stop() {
    running = false;
    Scheduler.Task task = ticking;
    if (task != null) {
      task.cancel();
    }
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

  /**
   * Time limits are looked at from time to time, over all connections at once, because a timer for
   * each request would cost more than the rest of its bookkeeping. So they are kept late by up to
   * an eighth, and never early.
   */
  private void tick() {
    try {
      long now = System.nanoTime();
      pool.check(now);
      ageing.check(now);
    } finally {
      if (running) {
        ticking = scheduler.schedule(this::tick, tickMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private long tickMillis() {
    long shortest =
        Math.min(
            settings.connectTimeout().toMillis(),
            Math.min(settings.responseTimeout().toMillis(), settings.idleTimeout().toMillis()));
    return Math.max(1, Math.min(LONGEST_TICK, shortest / 8));
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
