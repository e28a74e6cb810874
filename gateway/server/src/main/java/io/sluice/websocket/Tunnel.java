package io.sluice.websocket;

import io.sluice.request.Exchange;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket connection through the gateway: two connections and what flows between them, octet
 * for octet. It takes its place when it is asked for and gives it back when its exchange has ended,
 * whatever became of it. A side that breaks ends the other at once, so that nobody takes a broken
 * end for an orderly one; a side that ends in order is waited for. Thread-safe.
 */
public final class Tunnel {

  /** How long one side may go on when the other has ended, or has been told to. */
  private static final long LAST_NANOS = 5_000_000_000L;

  private static final long NONE = Long.MAX_VALUE;

  private final Tunnels tunnels;
  private final WebSocketSettings settings;
  private final ByteBufferPool buffers;
  private final Exchange exchange;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger closedFlows = new AtomicInteger();
  private final AtomicInteger endedFlows = new AtomicInteger();
  private volatile @Nullable Ends ends;
  private volatile boolean leaving;
  private volatile long lastActive;
  private volatile long endBy = NONE;

  /** What there is of it once the upstream has agreed. */
  private record Ends(TunnelEnd client, TunnelEnd upstream, Flow up, Flow down) {

    void close() {
      client.getEndPoint().close();
      upstream.getEndPoint().close();
      run();
    }

    void run() {
      up.run();
      down.run();
    }
  }

  Tunnel(Tunnels tunnels, WebSocketSettings settings, ByteBufferPool buffers, Exchange exchange) {
    this.tunnels = tunnels;
    this.settings = settings;
    this.buffers = buffers;
    this.exchange = exchange;
  }

  /**
   * Prepares to join two connections; from now on both are this tunnel's to close.
   *
   * @return what the client's connection is to be upgraded to, which begins the tunnel
   */
  public Connection between(EndPoint client, EndPoint upstream, Executor executor) {
    TunnelEnd near = new TunnelEnd(client, executor, this);
    TunnelEnd far = new TunnelEnd(upstream, executor, this);
    ends =
        new Ends(
            near,
            far,
            new Flow(this, near, far, buffers, settings.writeTimeout(), CloseFrame::toServer),
            new Flow(this, far, near, buffers, settings.writeTimeout(), CloseFrame::toClient));
    if (over.get()) {
      upstream.close();
    }
    return near;
  }

  /** One of the connections has been upgraded: the client's first, and then the upstream's. */
  void opened(TunnelEnd end) {
    Ends both = ends;
    if (both == null) {
      return;
    }
    if (end == both.client()) {
      both.upstream().getEndPoint().upgrade(both.upstream());
      return;
    }
    active();
    tunnels.begun(this);
    both.run();
    if (!both.client().getEndPoint().isOpen()) {
      broke(both.client());
    } else if (!end.getEndPoint().isOpen()) {
      broke(end);
    }
  }

  void readable(TunnelEnd end) {
    Ends both = ends;
    if (both != null) {
      (end == both.client() ? both.up() : both.down()).readable();
    }
  }

  void active() {
    lastActive = System.nanoTime();
  }

  /** A Close frame has passed in one direction; with both, the connections are to end. */
  void closed() {
    if (closedFlows.incrementAndGet() == 2) {
      endWithin(LAST_NANOS);
    }
  }

  /** One direction has come to its orderly end. */
  void ended() {
    if (endedFlows.incrementAndGet() == 2) {
      end(true);
    } else {
      endWithin(LAST_NANOS);
    }
  }

  /** A connection is gone, without an orderly end unless the other side has had one. */
  void broke(TunnelEnd end) {
    Ends both = ends;
    if (!over.get() && both != null && end == both.upstream()) {
      exchange.breaking(Exchange.End.UPSTREAM_BROKE);
    }
    end(isInOrder());
  }

  boolean isOver() {
    return over.get();
  }

  boolean isLeaving() {
    return leaving;
  }

  /** Tells both sides to go, as soon as a frame may be sent, and ends when they have, or soon. */
  void leave(long graceNanos) {
    endWithin(graceNanos);
    leaving = true;
    Ends both = ends;
    if (both != null) {
      both.run();
    }
  }

  /** Looks at the time limits. */
  void check(long now) {
    Ends both = ends;
    if (both == null) {
      return;
    }
    if (endBy != NONE && now - endBy >= 0) {
      end(isInOrder());
    } else if (both.up().isStalled(now)) {
      broke(both.upstream());
    } else if (both.down().isStalled(now)) {
      broke(both.client());
    } else if (!leaving && now - lastActive >= settings.idleTimeout().toNanos()) {
      leave(LAST_NANOS);
    }
  }

  /** The exchange has ended, with this tunnel or without one. */
  void exchangeEnded() {
    close();
    tunnels.ended(this);
  }

  private boolean isInOrder() {
    return leaving || endedFlows.get() > 0 || closedFlows.get() == 2;
  }

  private void end(boolean inOrder) {
    if (close()) {
      Ends both = ends;
      exchange.relayed(both == null ? 0 : both.down().relayed());
      exchange.ended(inOrder, System.nanoTime());
    }
  }

  private boolean close() {
    if (!over.compareAndSet(false, true)) {
      return false;
    }
    Ends both = ends;
    if (both != null) {
      both.close();
    }
    return true;
  }

  private void endWithin(long nanos) {
    long then = System.nanoTime() + nanos;
    if (endBy == NONE || then - endBy < 0) {
      endBy = then == NONE ? then - 1 : then;
    }
  }
}
