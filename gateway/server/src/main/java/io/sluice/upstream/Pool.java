package io.sluice.upstream;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections to the upstream and the calls that wait for one, first come, first served. The
 * connection that rested last serves next, so that those nobody needs grow old and are closed.
 *
 * <p>A connection is opened whenever a call finds none free, up to the limit; the call then takes
 * whichever is free first. All state is guarded by this object's monitor, under which nobody
 * outside is called.
 */
final class Pool implements Ageing.Connections {

  private final UpstreamSettings settings;
  private final Executor executor;
  private final Supplier<Dial> dialling;
  private final Deque<UpstreamConnection> resting = new ArrayDeque<>();
  private final Set<UpstreamConnection> open = new HashSet<>();
  private final Set<Dial> dials = new HashSet<>();
  private final Set<Transfer> waiting = new LinkedHashSet<>();
  private boolean closed;
  private boolean retired;
  private @Nullable Throwable failure;
  private long failedAt;

  Pool(UpstreamSettings settings, Executor executor, Supplier<Dial> dialling) {
    this.settings = settings;
    this.executor = executor;
    this.dialling = dialling;
  }

  Executor executor() {
    return executor;
  }

  /** Sends a call on a connection that is free, or lets it wait for one. */
  void send(Transfer transfer) {
    UpstreamConnection free = free();
    while (free != null) {
      if (free.begin(transfer)) {
        transfer.start(free);
        return;
      }
      free = free();
    }
    enqueue(transfer);
  }

  private synchronized @Nullable UpstreamConnection free() {
    return resting.pollFirst();
  }

  private void enqueue(Transfer transfer) {
    Dial dial = null;
    String refusal = null;
    synchronized (this) {
      if (closed) {
        refusal = "the gateway is stopping";
      } else if (!hasRoom() && waiting.size() - dials.size() >= settings.maxQueued()) {
        refusal = "all connections to the upstream are busy, and the queue is full";
      } else {
        transfer.waitUntil(System.nanoTime() + transfer.limits().connect().toNanos());
        waiting.add(transfer);
        dial = wantsAnother() ? newDial() : null;
      }
    }
    if (refusal != null) {
      transfer.fail(new RejectedExecutionException(refusal));
      return;
    }
    if (dial != null) {
      dial.start();
    }
    serveWaiting();
  }

  /** Returns how many calls wait while no further connection may be opened. */
  synchronized int waiting() {
    return hasRoom() ? 0 : waiting.size();
  }

  /** A call waits no longer. */
  synchronized void forget(Transfer transfer) {
    waiting.remove(transfer);
  }

  /** A connection is open. */
  void opened(UpstreamConnection connection, Dial dial) {
    boolean wanted;
    synchronized (this) {
      dials.remove(dial);
      wanted = !closed;
      if (retired) {
        connection.retire();
      }
      if (wanted) {
        open.add(connection);
      }
    }
    if (wanted) {
      release(connection);
    } else {
      connection.close();
    }
  }

  /**
   * A connection could not be opened; the call that has waited longest hears why, unless each that
   * waits has a dial of its own left.
   */
  void failed(Dial dial, Throwable cause) {
    Transfer victim;
    Dial next;
    synchronized (this) {
      dials.remove(dial);
      failure = cause;
      failedAt = System.nanoTime();
      victim = waiting.size() > dials.size() ? firstWaiting() : null;
      next = wantsAnother() ? newDial() : null;
    }
    if (victim != null) {
      victim.fail(cause);
    }
    if (next != null) {
      next.start();
    }
  }

  /** A connection is free. */
  void release(UpstreamConnection connection) {
    synchronized (this) {
      if (open.contains(connection)) {
        resting.addFirst(connection);
      }
    }
    serveWaiting();
  }

  /** A connection has been closed. */
  void closed(UpstreamConnection connection) {
    Dial next;
    synchronized (this) {
      open.remove(connection);
      resting.remove(connection);
      next = wantsAnother() ? newDial() : null;
    }
    if (next != null) {
      next.start();
    }
  }

  /** Brings waiting calls and free connections together. */
  private void serveWaiting() {
    while (true) {
      UpstreamConnection connection;
      Transfer transfer;
      synchronized (this) {
        if (waiting.isEmpty() || resting.isEmpty()) {
          return;
        }
        connection = resting.removeFirst();
        transfer = firstWaiting();
      }
      if (transfer != null) {
        send(transfer, connection);
      }
    }
  }

  private void send(Transfer transfer, UpstreamConnection connection) {
    if (connection.begin(transfer)) {
      transfer.start(connection);
    } else {
      send(transfer);
    }
  }

  /** Keeps no connection any more. */
  synchronized void retire() {
    retired = true;
    open.forEach(UpstreamConnection::retire);
  }

  @Override
  public synchronized boolean hasAged(long now) {
    return open.stream().anyMatch(connection -> connection.hasAged(now));
  }

  @Override
  public synchronized void retireAged(long now) {
    open.stream().filter(connection -> connection.hasAged(now)).forEach(UpstreamConnection::retire);
  }

  synchronized UpstreamStatus status() {
    return new UpstreamStatus(
        open.size(),
        resting.size(),
        waiting.size(),
        failure == null ? null : failure.toString(),
        failure == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - failedAt));
  }

  /** Closes and fails whatever has outstayed its time. */
  void check(long now) {
    List<Transfer> late = new ArrayList<>();
    List<UpstreamConnection> connections;
    List<Dial> dialled;
    boolean full;
    synchronized (this) {
      dialled = new ArrayList<>(dials);
    }
    dialled.forEach(dial -> dial.check(now));
    synchronized (this) {
      connections = new ArrayList<>(open);
      full = open.size() >= settings.maxConnections();
      for (Transfer transfer : waiting) {
        if (now - transfer.waitBy() >= 0) {
          late.add(transfer);
        }
      }
      late.forEach(waiting::remove);
    }
    connections.forEach(connection -> connection.check(now));
    late.forEach(transfer ->
        transfer.fail(
            full
                ? new RejectedExecutionException("no connection to the upstream became free")
                : new SocketTimeoutException("no connection to the upstream opened in time")));
  }

  /** Takes no more calls and fails those that wait. */
  void close() {
    List<Transfer> left;
    List<UpstreamConnection> connections;
    synchronized (this) {
      closed = true;
      left = new ArrayList<>(waiting);
      waiting.clear();
      connections = new ArrayList<>(open);
    }
    left.forEach(transfer -> transfer.fail(new IOException("the gateway is stopping")));
    connections.forEach(UpstreamConnection::close);
  }

  private @Nullable Transfer firstWaiting() {
    Iterator<Transfer> oldest = waiting.iterator();
    if (!oldest.hasNext()) {
      return null;
    }
    Transfer first = oldest.next();
    oldest.remove();
    return first;
  }

  private boolean hasRoom() {
    return open.size() + dials.size() < settings.maxConnections();
  }

  private boolean wantsAnother() {
    return !closed && hasRoom() && waiting.size() > dials.size();
  }

  private Dial newDial() {
    Dial dial = dialling.get();
    dials.add(dial);
    return dial;
  }
}
