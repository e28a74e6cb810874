package io.sluice.app;

import io.sluice.proxy.ClientCut;
import io.sluice.proxy.CutObserver;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the connections of clients that do not come to the point, by looking at all of them once a
 * second: requests pay nothing for it. So limits are kept late by up to a second, never early.
 *
 * <p>The time of a head counts from its first octet, and that of a connection's first request from
 * its opening, whatever trickles in meanwhile. And where nearly all connections are taken, those
 * that have been unused for longest are closed: a flood of idle ones crowds itself out, not others.
 */
final class ClientSweep extends AbstractLifeCycle implements SelectorManager.AcceptListener {

  private static final Logger LOG = LoggerFactory.getLogger(ClientSweep.class);
  private static final long EVERY_MILLIS = 1000;

  private final ServerConnector connector;
  private final IntSupplier open;
  private final long headNanos;
  private final int crowd;
  private final CutObserver observer;
  private final Map<EndPoint, ClientPhase.Since> known = new HashMap<>();
  private final AtomicBoolean crowded = new AtomicBoolean();
  private volatile Scheduler.@Nullable Task next;

  /**
   * Creates a sweep.
   *
   * @param open how many connections clients hold, those of other listeners among them
   * @param head how long a head may take
   * @param maxConnections how many connections there may be
   */
  ClientSweep(
      ServerConnector connector,
      IntSupplier open,
      Duration head,
      int maxConnections,
      CutObserver observer) {
    this.connector = connector;
    this.open = open;
    this.headNanos = head.toNanos();
    this.crowd = Math.max(1, maxConnections - maxConnections / 16);
    this.observer = observer;
  }

  @Override
  protected void doStart() {
    schedule();
  }

  @Override
  protected void doStop() {
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
  }

  @Override
  public void onAccepted(SelectableChannel channel) {
    if (open.getAsInt() >= crowd && crowded.compareAndSet(false, true)) {
      connector.getExecutor().execute(this::sweep);
    }
  }

  private void schedule() {
    next = connector.getScheduler().schedule(this::round, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void round() {
    try {
      sweep();
    } catch (RuntimeException e) {
      LOG.error("the connections could not be looked at", e);
    } finally {
      if (isRunning()) {
        schedule();
      }
    }
  }

  private synchronized void sweep() {
    crowded.set(false);
    long now = System.nanoTime();
    long idleNanos = TimeUnit.MILLISECONDS.toNanos(connector.getIdleTimeout());
    List<ClientPhase.Since> unused = new ArrayList<>();
    known.keySet().removeIf(endPoint -> !endPoint.isOpen());
    for (EndPoint endPoint : connector.getConnectedEndPoints()) {
      ClientPhase.Since since =
          known.computeIfAbsent(endPoint, any -> new ClientPhase.Since(endPoint, now));
      switch (since.look(now)) {
        case SILENT, HEAD -> {
          if (since.nanos(now) > headNanos) {
            cut(since, ClientCut.SLOW_HEAD);
          } else if (since.phase() == ClientPhase.SILENT) {
            unused.add(since);
          }
        }
        case RESTING -> {
          if (since.nanos(now) > idleNanos) {
            cut(since, ClientCut.IDLE);
          } else {
            unused.add(since);
          }
        }
        default -> {
          // At work, or none of ours.
        }
      }
    }
    makeRoom(unused, now);
  }

  private void makeRoom(List<ClientPhase.Since> unused, long now) {
    if (open.getAsInt() < crowd) {
      return;
    }
    unused.sort(Comparator.comparingLong((ClientPhase.Since since) -> since.nanos(now)).reversed());
    int enough = Math.max(1, crowd / 16);
    unused.stream().limit(enough).forEach(since -> cut(since, ClientCut.CROWDED));
  }

  private void cut(ClientPhase.Since since, ClientCut reason) {
    if (since.cut(reason)) {
      observer.cut(reason);
    }
  }
}
