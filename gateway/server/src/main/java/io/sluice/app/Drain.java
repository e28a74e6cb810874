package io.sluice.app;

import io.sluice.websocket.Tunnels;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The polite end of a listener: no client may lose a request by it that could have been answered.
 *
 * <p>Answers say that they are the last of their connection (RFC 9112, section 9.6), connections on
 * which nothing comes are closed after a time, and HTTP/2 clients are told twice: first that they
 * shall open no more streams, and when that has had time to arrive, which was the last (RFC 9113,
 * section 6.8). WebSocket connections are told by their Close frame. What still runs at the limit
 * is broken off.
 */
final class Drain {

  private static final Logger LOG = LoggerFactory.getLogger(Drain.class);
  private static final long LOOK_MILLIS = 20;

  private final List<SharedConnector> listeners;
  private final ClientConnections clients;
  private final Http2Sessions sessions;
  private final Endings endings;
  private final Duration limit;
  private final CountDownLatch hurried = new CountDownLatch(1);
  private volatile @Nullable Tunnels tunnels;

  Drain(
      List<SharedConnector> listeners,
      ClientConnections clients,
      Http2Sessions sessions,
      Endings endings,
      Duration limit) {
    this.listeners = listeners;
    this.clients = clients;
    this.sessions = sessions;
    this.endings = endings;
    this.limit = limit;
  }

  /** Sets who is told to end; before the start. */
  void farewell(Tunnels opened) {
    tunnels = opened;
  }

  /** Runs once, on the thread that stops the server. */
  void run() {
    clients.drain();
    if (!endings.drainDelay().isZero()) {
      LOG.info("stopping in {}, for others to notice", text(endings.drainDelay()));
      isHurried(endings.drainDelay().toMillis());
    }
    listeners.forEach(SharedConnector::shutDoor);
    sessions.discourage();
    endTunnels();
    long start = System.nanoTime();
    await(start);
    breakOff(Duration.ofNanos(System.nanoTime() - start));
  }

  /** Breaks off what is under way now. */
  void hurry() {
    hurried.countDown();
  }

  /**
   * They never end by themselves, so they are told to, and have half of the time for it. Told
   * before the door is shut, they would come back to this very gateway.
   */
  private void endTunnels() {
    Tunnels open = tunnels;
    if (open != null) {
      open.close(limit.dividedBy(2));
    }
  }

  private void await(long start) {
    long end = start + limit.toNanos();
    long idle = endings.drainIdle().toMillis();
    long lastStreams = start + endings.drainIdle().toNanos();
    boolean told = false;
    while (isConnected() && System.nanoTime() - end < 0) {
      clients.closeIdle(idle);
      if (!told && System.nanoTime() - lastStreams >= 0) {
        told = true;
        sessions.sayGoodbye();
      }
      if (told) {
        // A client that knows, and has nothing under way, should have closed by itself.
        sessions.closeIdle(idle);
      }
      if (isHurried(LOOK_MILLIS)) {
        return;
      }
    }
  }

  private boolean isConnected() {
    return listeners.stream().anyMatch(SharedConnector::hasClients);
  }

  /** Waits, and returns whether to wait no longer; an interrupt means that too, from now on. */
  private boolean isHurried(long millis) {
    try {
      return hurried.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      hurried.countDown();
      return true;
    }
  }

  private void breakOff(Duration waited) {
    int left = clients.carrying() + sessions.streams();
    if (left > 0) {
      LOG.warn("{} requests were still under way after {} and were broken off", left, text(waited));
    }
    IOException cause = new IOException("the gateway has stopped");
    clients.breakOff(cause);
    sessions.close(cause);
  }

  private static String text(Duration time) {
    return time.toMillis() + "ms";
  }
}
