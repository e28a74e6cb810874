package io.sluice.websocket;

import io.sluice.request.Exchange;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** All WebSocket connections: how many there may be, their time limits, their end. Thread-safe. */
public final class Tunnels {

  private static final long LONGEST_TICK = 250;

  private final WebSocketSettings settings;
  private final Scheduler scheduler;
  private final ByteBufferPool buffers;
  private final Set<Tunnel> begun = ConcurrentHashMap.newKeySet();
  private final AtomicInteger places = new AtomicInteger();
  private final AtomicLong total = new AtomicLong();
  private final AtomicBoolean ticking = new AtomicBoolean();
  private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
  private volatile @Nullable Duration closing;

  /**
   * Prepares for tunnels; there is none yet.
   *
   * @param scheduler wakes a few times a second for the time limits while there is a tunnel
   * @param buffers lends the memory for what is on its way
   */
  public Tunnels(WebSocketSettings settings, Scheduler scheduler, ByteBufferPool buffers) {
    this.settings = settings;
    this.scheduler = scheduler;
    this.buffers = buffers;
  }

  /**
   * Takes a place for a tunnel, held until its exchange has ended; null when all are taken, or the
   * gateway is stopping.
   */
  public @Nullable Tunnel reserve(Exchange exchange) {
    if (closing != null
        || places.getAndUpdate(n -> n < settings.maxConnections() ? n + 1 : n)
            >= settings.maxConnections()) {
      return null;
    }
    Tunnel tunnel = new Tunnel(this, settings, buffers, exchange);
    exchange.listen(
        new Exchange.Listener() {
          @Override
          public void onEnd(Exchange.Outcome outcome) {
            tunnel.exchangeEnded();
          }
        });
    return tunnel;
  }

  /** Returns how many places are taken. */
  public int open() {
    return places.get();
  }

  /** Returns how many tunnels there have been. */
  public long total() {
    return total.get();
  }

  /**
   * Takes no more, and tells both sides of each tunnel to go: with a Close frame, code 1001, after
   * the frame that is under way. Those that have not ended after the grace are broken off. Does not
   * wait.
   */
  public void close(Duration grace) {
    closing = grace;
    begun.forEach(tunnel -> tunnel.leave(grace.toNanos()));
    complete();
  }

  /** Returns what completes when, after {@link #close}, the last one has ended. */
  public CompletableFuture<@Nullable Void> ended() {
    return ended;
  }

  void begun(Tunnel tunnel) {
    total.incrementAndGet();
    begun.add(tunnel);
    Duration grace = closing;
    if (grace != null) {
      tunnel.leave(grace.toNanos());
    }
    if (tunnel.isOver()) {
      begun.remove(tunnel);
    }
    tickOn();
  }

  void ended(Tunnel tunnel) {
    begun.remove(tunnel);
    places.decrementAndGet();
    complete();
  }

  private void complete() {
    if (closing != null && places.get() == 0) {
      ended.complete(null);
    }
  }

  private void tickOn() {
    if (!begun.isEmpty() && ticking.compareAndSet(false, true)) {
      schedule();
    }
  }

  private void schedule() {
    scheduler.schedule(this::tick, tickMillis(), TimeUnit.MILLISECONDS);
  }

  /** One look at all from time to time costs less than a timer for each; limits are kept late. */
  private void tick() {
    long now = System.nanoTime();
    try {
      begun.forEach(tunnel -> tunnel.check(now));
    } finally {
      if (begun.isEmpty()) {
        ticking.set(false);
        tickOn();
      } else {
        schedule();
      }
    }
  }

  private long tickMillis() {
    long shortest = Math.min(settings.idleTimeout().toMillis(), settings.writeTimeout().toMillis());
    return Math.max(1, Math.min(LONGEST_TICK, shortest / 8));
  }
}
