package io.sluice.upstream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The pooled HTTP/1.1 connections to one upstream (RFC 9112). It adds nothing to a request and
 * interprets nothing in an answer but where it ends. Thread-safe between start and stop; nothing
 * blocks, and nothing is handed to another thread but the opening of connections.
 */
public final class Upstream {

  private static final long LONGEST_TICK = 250;

  private final UpstreamSettings settings;
  private final Scheduler scheduler;
  private final ByteBufferPool buffers;
  private final Sockets sockets;
  private final Pool pool;
  private volatile boolean running;
  private volatile Scheduler.@Nullable Task ticking;

  /**
   * Creates the upstream; nothing is connected before it is needed.
   *
   * @param executor carries traffic and looks up names
   * @param scheduler wakes a few times a second for the time limits
   * @param buffers lends the memory that answers are received in
   */
  public Upstream(
      UpstreamSettings settings, Executor executor, Scheduler scheduler, ByteBufferPool buffers) {
    this.settings = settings;
    this.scheduler = scheduler;
    this.buffers = buffers;
    this.sockets = new Sockets(executor, scheduler);
    this.pool = new Pool(settings, executor, this::dial);
  }

  /** Starts; the executor and the scheduler must be running. */
  public void start() throws Exception {
    sockets.start();
    running = true;
    tick();
  }

  /** Stops: fails the calls under way and closes the connections. */
  public void stop() throws Exception {
    running = false;
    Scheduler.Task task = ticking;
    if (task != null) {
      task.cancel();
    }
    pool.close();
    sockets.stop();
  }

  /**
   * Prepares a call; {@link Call#send} sends it.
   *
   * @param content the content of the request; null when there is none
   */
  public Call call(RequestHead head, Content.@Nullable Source content, CallListener listener) {
    return new Transfer(pool, head, content, listener);
  }

  private Dial dial() {
    return new Dial(pool, settings, sockets);
  }

  /**
   * Time limits are looked at from time to time, over all connections at once, because a timer for
   * each request would cost more than the rest of its bookkeeping. So they are kept late by up to
   * an eighth, and never early.
   */
  private void tick() {
    try {
      pool.check(System.nanoTime());
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

  /** Selects over the connections' sockets. */
  private final class Sockets extends SelectorManager implements Dial.Sockets {

    Sockets(Executor executor, Scheduler scheduler) {
      super(executor, scheduler, Math.max(1, (Runtime.getRuntime().availableProcessors() + 1) / 2));
      setConnectTimeout(settings.connectTimeout().toMillis());
    }

    @Override
    public void connect(SocketChannel channel, InetSocketAddress address, Dial dial)
        throws IOException {
      if (channel.connect(address)) {
        accept(channel, dial);
      } else {
        connect(channel, dial);
      }
    }

    @Override
    protected void connectionFailed(SelectableChannel channel, Throwable cause, Object dial) {
      ((Dial) dial).failed(cause);
    }

    @Override
    protected void onAcceptFailed(SelectableChannel channel, Throwable cause, Object dial) {
      ((Dial) dial).failed(cause);
    }

    @Override
    protected EndPoint newEndPoint(
        SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
      return new SocketChannelEndPoint((SocketChannel) channel, selector, key, getScheduler());
    }

    @Override
    public Connection newConnection(SelectableChannel channel, EndPoint endPoint, Object dial) {
      return new UpstreamConnection(endPoint, pool, settings, buffers, (Dial) dial);
    }
  }
}
