package io.sluice.app;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/1 connections that clients hold. While running, it looks at them four times a second and
 * has those watched for their clients' leaving that have been waiting for an answer since the last
 * look: one timer for all, and no work at all for a request that is answered soon. Thread-safe.
 */
final class ClientConnections extends AbstractLifeCycle {

  /** How often is looked: what is answered sooner is never watched. */
  static final long LOOK_MILLIS = 250;

  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
  private final Scheduler scheduler;
  private final boolean halfCloseCancels;
  private final long lookMillis;
  private volatile Runnable also = () -> {};
  private volatile boolean draining;
  private volatile Scheduler.@Nullable Task looking;

  ClientConnections(Scheduler scheduler, HalfClose onHalfClose, long lookMillis) {
    this.scheduler = scheduler;
    this.lookMillis = lookMillis;
    this.halfCloseCancels = onHalfClose == HalfClose.CANCEL;
  }

  /** Returns what makes connections that are kept here. */
  HttpConnectionFactory factory(HttpConfiguration http) {
    return new Factory(http);
  }

  /** Sets what else is to be done at each look; it must not block. */
  void onLook(Runnable action) {
    also = action;
  }

  @Override
  protected void doStart() {
    look();
  }

  @Override
  protected void doStop() {
    Scheduler.Task task = looking;
    if (task != null) {
      task.cancel();
    }
  }

  void opened(ClientConnection connection) {
    open.add(connection);
  }

  void closed(ClientConnection connection) {
    open.remove(connection);
  }

  boolean halfCloseCancels() {
    return halfCloseCancels;
  }

  /** From now on every answer is the last of its connection. */
  void drain() {
    draining = true;
  }

  boolean isDraining() {
    return draining;
  }

  void closeIdle(long silentMillis) {
    open.forEach(connection -> connection.closeIfIdle(silentMillis));
  }

  /** Returns how many carry an exchange. */
  int carrying() {
    return (int) open.stream().filter(ClientConnection::isCarrying).count();
  }

  void breakOff(Throwable cause) {
    open.forEach(connection -> connection.breakOff(cause));
  }

  private void look() {
    try {
      long before = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(lookMillis);
      open.forEach(connection -> connection.watch(before));
      also.run();
    } finally {
      if (isRunning()) {
        looking = scheduler.schedule(this::look, lookMillis, TimeUnit.MILLISECONDS);
      }
    }
  }

  private final class Factory extends HttpConnectionFactory {

    Factory(HttpConfiguration http) {
      super(http);
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint client) {
      ClientConnection made =
          new ClientConnection(
              ClientConnections.this, getHttpConfiguration(), connector, (AbstractEndPoint) client);
      made.setTransferEncodingChunkMaxLength(getTransferEncodingChunkMaxLength());
      return configure(made, connector, client);
    }
  }
}
