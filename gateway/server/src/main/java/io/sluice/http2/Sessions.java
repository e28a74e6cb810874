package io.sluice.http2;

import io.sluice.http2.UpstreamSession.State;
import io.sluice.upstream.Ageing;
import io.sluice.upstream.Dial;
import io.sluice.upstream.NameLookup;
import io.sluice.upstream.Sockets;
import io.sluice.upstream.UpstreamSettings;
import io.sluice.upstream.UpstreamStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * The connections to the upstream and the calls that wait for room on one, first come, first
 * served. The oldest connection with room serves, so that those nobody needs grow idle and are
 * closed; one is opened when the calls that wait are more than those being opened will carry. All
 * state is guarded by this object's monitor, under which nobody outside is called.
 */
final class Sessions implements Dial.Owner, Ageing.Connections {

  private final UpstreamSettings settings;
  private final Sockets sockets;
  private final NameLookup names;
  private final Handshakes handshakes;
  private final Set<UpstreamSession> sessions = new LinkedHashSet<>();
  private final Set<Dial> dials = new HashSet<>();
  private final Set<Http2Call> waiting = new LinkedHashSet<>();
  private boolean retired;
  private boolean closed;
  private @Nullable Throwable failure;
  private long failedAt;

  Sessions(UpstreamSettings settings, Sockets sockets, NameLookup names, Handshakes handshakes) {
    this.settings = settings;
    this.sockets = sockets;
    this.names = names;
    this.handshakes = handshakes;
  }

  UpstreamSettings settings() {
    return settings;
  }

  /** Returns what stands in the scheme of requests. */
  String scheme() {
    return settings.upstream().getScheme();
  }

  /** Sends a call on a connection with room for it, or lets it wait for one. */
  void send(Http2Call call) {
    UpstreamSession free;
    synchronized (this) {
      free = waiting.isEmpty() ? withRoom() : null;
    }
    if (free == null) {
      enqueue(call);
    } else {
      call.start(free);
    }
  }

  private void enqueue(Http2Call call) {
    Dial dial = null;
    String refusal = null;
    synchronized (this) {
      if (closed) {
        refusal = "the gateway is stopping";
      } else if (!mayOpen() && waiting.size() - coming() >= settings.maxQueued()) {
        refusal = "all connections to the upstream are full, and the queue too";
      } else {
        call.waitUntil(System.nanoTime() + call.limits().connect().toNanos());
        waiting.add(call);
        dial = wantsAnother() ? newDial() : null;
      }
    }
    if (refusal != null) {
      call.fail(new RejectedExecutionException(refusal));
      return;
    }
    start(dial);
    serveWaiting();
  }

  /** A call waits no longer. */
  synchronized void forget(Http2Call call) {
    waiting.remove(call);
  }

  @Override
  public Connection opened(EndPoint endPoint, Dial dial) {
    UpstreamSession session = new UpstreamSession(this, endPoint, handshakes);
    boolean wanted;
    synchronized (this) {
      dials.remove(dial);
      wanted = !closed && dial.claim();
      if (wanted) {
        sessions.add(session);
        if (retired) {
          session.retire();
        }
      }
    }
    if (!wanted) {
      endPoint.close();
    }
    return session.connection();
  }

  @Override
  public void failed(Dial dial, Throwable cause) {
    synchronized (this) {
      dials.remove(dial);
    }
    notOpened(cause);
  }

  /** The upstream has said how many calls it takes at once. */
  void settled(UpstreamSession session, int most) {
    synchronized (this) {
      session.settle(Math.min(most, Handshakes.MOST_CALLS));
    }
    serveWaiting();
  }

  /** A call has left a connection. */
  void left(UpstreamSession session) {
    synchronized (this) {
      session.release(System.nanoTime());
    }
    serveWaiting();
  }

  /** A connection takes no more calls; those that it carries go on. */
  void leaving(UpstreamSession session) {
    Dial dial;
    synchronized (this) {
      session.leave();
      dial = wantsAnother() ? newDial() : null;
    }
    start(dial);
  }

  /** A connection has ended. */
  void ended(UpstreamSession session, Throwable cause) {
    State before;
    synchronized (this) {
      before = session.state();
      session.leave();
      sessions.remove(session);
    }
    if (before == State.OPENING) {
      notOpened(cause);
    } else {
      leaving(session);
    }
  }

  /** The calls that a connection would have carried hear why there is none. */
  private void notOpened(Throwable cause) {
    List<Http2Call> victims = new ArrayList<>();
    Dial dial;
    synchronized (this) {
      failure = cause;
      failedAt = System.nanoTime();
      Iterator<Http2Call> oldest = waiting.iterator();
      while (oldest.hasNext() && victims.size() < Handshakes.MOST_CALLS) {
        victims.add(oldest.next());
        oldest.remove();
      }
      dial = wantsAnother() ? newDial() : null;
    }
    victims.forEach(call -> call.fail(cause));
    start(dial);
  }

  /** Brings waiting calls and room together. */
  private void serveWaiting() {
    while (true) {
      UpstreamSession free;
      Http2Call call;
      synchronized (this) {
        Iterator<Http2Call> oldest = waiting.iterator();
        free = oldest.hasNext() ? withRoom() : null;
        if (free == null) {
          return;
        }
        call = oldest.next();
        oldest.remove();
      }
      call.start(free);
    }
  }

  /** Fails and closes whatever has outstayed its time. */
  void check(long now) {
    List<Http2Call> late = new ArrayList<>();
    List<UpstreamSession> idle = new ArrayList<>();
    List<UpstreamSession> checked;
    List<Dial> dialled;
    synchronized (this) {
      checked = new ArrayList<>(sessions);
      dialled = new ArrayList<>(dials);
      for (Http2Call call : waiting) {
        if (now - call.waitBy() >= 0) {
          late.add(call);
        }
      }
      late.forEach(waiting::remove);
      for (UpstreamSession session : sessions) {
        if (session.isUnused(now, settings.idleTimeout())) {
          session.end();
          idle.add(session);
        }
      }
    }
    dialled.forEach(dial -> dial.check(now));
    checked.forEach(session -> session.check(now));
    idle.forEach(UpstreamSession::close);
    late.forEach(call ->
        call.fail(new RejectedExecutionException("no connection to the upstream had room")));
  }

  /** Keeps no connection from now on that nobody uses. */
  synchronized void retire() {
    retired = true;
    sessions.forEach(UpstreamSession::retire);
  }

  @Override
  public synchronized boolean hasAged(long now) {
    return sessions.stream().anyMatch(session -> session.hasAged(now));
  }

  @Override
  public synchronized void retireAged(long now) {
    sessions.stream().filter(session -> session.hasAged(now)).forEach(UpstreamSession::retire);
  }

  synchronized UpstreamStatus status() {
    return new UpstreamStatus(
        sessions.size(),
        (int) sessions.stream().filter(UpstreamSession::isResting).count(),
        waiting.size(),
        failure == null ? null : failure.toString(),
        failure == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - failedAt));
  }

  /** Takes no more calls and fails those that there are. */
  void close() {
    List<Http2Call> left;
    List<UpstreamSession> open;
    IOException stopping = new IOException("the gateway is stopping");
    synchronized (this) {
      closed = true;
      left = new ArrayList<>(waiting);
      waiting.clear();
      open = new ArrayList<>(sessions);
    }
    left.forEach(call -> call.fail(stopping));
    for (UpstreamSession session : open) {
      session.failCalls(stopping);
      session.close();
    }
  }

  private @Nullable UpstreamSession withRoom() {
    for (UpstreamSession session : sessions) {
      if (session.take()) {
        return session;
      }
    }
    return null;
  }

  private boolean mayOpen() {
    long used = sessions.stream().filter(s -> s.state() != State.LEAVING).count();
    return used + dials.size() < settings.maxConnections();
  }

  /** Returns how many calls the connections that are being opened will carry. */
  private int coming() {
    long opening = sessions.stream().filter(s -> s.state() == State.OPENING).count();
    return (int) (opening + dials.size()) * Handshakes.MOST_CALLS;
  }

  private boolean wantsAnother() {
    return !closed && waiting.size() > coming() && mayOpen();
  }

  private Dial newDial() {
    Dial dial = new Dial(this, settings, names, sockets);
    dials.add(dial);
    return dial;
  }

  private static void start(@Nullable Dial dial) {
    if (dial != null) {
      dial.start();
    }
  }
}
