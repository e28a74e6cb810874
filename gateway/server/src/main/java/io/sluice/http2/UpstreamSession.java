package io.sluice.http2;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.http2.frames.SettingsFrame;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Callback;

/**
 * One HTTP/2 connection to the upstream and the calls on it. It carries calls from the moment the
 * upstream's settings are here until the upstream says that it goes away (RFC 9113, section 6.8).
 *
 * <p>State, room and use are guarded by the monitor of its {@link Sessions}.
 */
final class UpstreamSession implements Session.Listener {

  /** Where a connection is in its life. */
  enum State {
    OPENING,
    OPEN,
    LEAVING
  }

  private static final Map<Integer, Integer> NO_PUSH = Map.of(SettingsFrame.ENABLE_PUSH, 0);

  private final Sessions sessions;
  private final HTTP2Connection connection;
  private final Set<Http2Call> calls = ConcurrentHashMap.newKeySet();
  private final Liveness liveness = new Liveness(System.nanoTime());
  private final long openBy;
  private final long oldAt;
  private State state = State.OPENING;
  private boolean retired;
  private boolean ending;
  private int taken;
  private int room;
  private long unusedSince;
  private volatile boolean served;

  UpstreamSession(Sessions sessions, EndPoint endPoint, Handshakes handshakes) {
    this.sessions = sessions;
    this.openBy = System.nanoTime() + sessions.settings().connectTimeout().toNanos();
    this.oldAt = System.nanoTime() + sessions.settings().maxAge().toNanos();
    this.connection = handshakes.begin(endPoint, this);
  }

  HTTP2Connection connection() {
    return connection;
  }

  HTTP2Session session() {
    return connection.getSession();
  }

  State state() {
    return state;
  }

  void settle(int most) {
    room = most;
    if (state == State.OPENING) {
      state = State.OPEN;
      unusedSince = System.nanoTime();
    }
  }

  void leave() {
    state = State.LEAVING;
  }

  boolean take() {
    if (state != State.OPEN || taken >= room) {
      return false;
    }
    taken++;
    return true;
  }

  void release(long now) {
    taken--;
    unusedSince = now;
  }

  boolean isUnused(long now, Duration limit) {
    boolean due = retired || (state == State.OPEN && now - unusedSince >= limit.toNanos());
    return due && isResting() && !ending;
  }

  /** Returns whether it could carry calls and carries none. */
  boolean isResting() {
    return state != State.OPENING && taken == 0;
  }

  boolean hasAged(long now) {
    return !retired && now - oldAt >= 0;
  }

  /** Takes no more calls once it is open, and ends when it carries none. */
  void retire() {
    retired = true;
    if (state == State.OPEN) {
      state = State.LEAVING;
    }
  }

  /** Takes no more calls, because it is about to be closed. */
  void end() {
    ending = true;
    leave();
  }

  /** A call that has taken a place begins. */
  void begin(Http2Call call) {
    calls.add(call);
  }

  /** A call is over. */
  void finish(Http2Call call, boolean well) {
    calls.remove(call);
    served |= well;
  }

  /** A place that was taken is free again. */
  void left() {
    sessions.left(this);
  }

  /** Returns whether the connection has carried a whole answer. */
  boolean hasServed() {
    return served;
  }

  /** Returns the largest section of fields that the upstream takes, as HTTP/2 counts it. */
  int maxFields() {
    return session().getGenerator().getHpackEncoder().getMaxHeaderListSize();
  }

  /** The connection turned out to take no more calls. */
  void refuse() {
    sessions.leaving(this);
  }

  void check(long now) {
    if (state == State.OPENING && now - openBy >= 0) {
      end(new SocketTimeoutException("the upstream did not begin to speak HTTP/2 in time"));
      return;
    }
    calls.forEach(call -> call.check(now));
    switch (liveness.check(now, connection.getBytesIn(), !calls.isEmpty())) {
      case PING -> session().ping(new PingFrame(now, false), Callback.NOOP);
      case DEAD -> end(new TimeoutException("the upstream did not answer a ping"));
      default -> {}
    }
  }

  void failCalls(Throwable cause) {
    calls.forEach(call -> call.fail(cause));
  }

  /** Says good-bye and closes the connection. */
  void close() {
    session()
        .close(
            ErrorCode.NO_ERROR.code,
            "unused",
            Callback.from(() -> connection.getEndPoint().close()));
  }

  private void end(Throwable cause) {
    sessions.ended(this, cause);
    failCalls(cause);
    connection.getEndPoint().close(cause);
  }

  @Override
  public Map<Integer, Integer> onPreface(Session session) {
    return NO_PUSH;
  }

  @Override
  public void onSettings(Session session, SettingsFrame frame) {
    int most = ((HTTP2Session) session).getMaxLocalStreams();
    sessions.settled(this, most < 0 ? Handshakes.MOST_CALLS : most);
  }

  @Override
  public void onPing(Session session, PingFrame frame) {
    liveness.answered();
  }

  @Override
  public void onGoAway(Session session, GoAwayFrame frame) {
    sessions.leaving(this);
  }

  @Override
  public void onClose(Session session, GoAwayFrame frame, Callback callback) {
    sessions.ended(this, new IOException("the upstream closed the connection"));
    callback.succeeded();
  }

  @Override
  public void onFailure(Session session, Throwable failure, Callback callback) {
    sessions.ended(
        this,
        failure instanceof ClosedChannelException
            ? failure
            : new ProtocolException("not HTTP/2: " + failure.getMessage()));
    callback.succeeded();
  }

  @Override
  public boolean onIdleTimeout(Session session) {
    return false;
  }
}
