package io.sluice.balance;

import io.sluice.upstream.Call;
import io.sluice.upstream.CallListener;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.TimeLimits;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * One call to a group: goes to one server, and to another one where that is safe and the budget has
 * room. Safe means that nothing was sent, or that the method is idempotent, there is no content and
 * nothing of an answer has come (RFC 9110, section 9.2.2).
 *
 * <p>Stands between the server and the content of the request, because a server that cannot be
 * connected to fails content that the next one is still to have.
 */
final class GroupCall implements Call, CallListener, Content.Source {

  private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");

  private final UpstreamGroup group;
  private final RequestHead head;
  private final Content.@Nullable Source content;
  private final TimeLimits limits;
  private final CallListener listener;
  private volatile Server server;
  private volatile Call call;
  private volatile boolean again;
  private volatile boolean heard;
  private volatile boolean touched;
  private volatile @Nullable Throwable withheld;
  private volatile @Nullable Throwable abortion;

  GroupCall(
      UpstreamGroup group,
      Server server,
      RequestHead head,
      Content.@Nullable Source content,
      TimeLimits limits,
      CallListener listener) {
    this.group = group;
    this.server = server;
    this.head = head;
    this.content = content;
    this.limits = limits;
    this.listener = listener;
    this.call = server.upstream().call(head, content == null ? null : this, limits, this);
  }

  @Override
  public void send() {
    call.send();
  }

  @Override
  public void abort(Throwable cause) {
    abortion = cause;
    call.abort(cause);
  }

  @Override
  public void interim(int status, HttpFields fields) {
    heard = true;
    listener.interim(status, fields);
  }

  @Override
  public boolean asksToSwitch() {
    return listener.asksToSwitch();
  }

  @Override
  public void switched(HttpFields fields, EndPoint connection) {
    heard = true;
    server.health().answered();
    listener.switched(fields, connection);
  }

  @Override
  public void answered(int status, HttpFields fields, Content.Source answer) {
    heard = true;
    server.health().answered();
    listener.answered(status, fields, answer);
  }

  @Override
  public void over(@Nullable Throwable failure) {
    if (failure == null || abortion != null) {
      end(failure);
      return;
    }
    if (isUnopened(failure)) {
      server.health().unreachable(failure);
    }
    Server other = isSafe(failure) ? group.other(server) : null;
    if (other == null) {
      end(
          again && !heard
              ? new IOException("two servers failed one after the other", failure)
              : failure);
    } else {
      sendTo(other);
    }
  }

  private void sendTo(Server other) {
    again = true;
    withheld = null;
    server = other;
    Call next = other.upstream().call(head, content == null ? null : this, limits, this);
    call = next;
    Throwable cause = abortion;
    if (cause != null) {
      // Given up between the two: the first call no longer minded.
      next.abort(cause);
    } else {
      next.send();
    }
  }

  private void end(@Nullable Throwable failure) {
    Throwable cause = withheld;
    if (cause != null && content != null) {
      content.fail(cause);
    }
    listener.over(failure);
  }

  private boolean isSafe(Throwable failure) {
    if (again || heard || touched) {
      return false;
    }
    return isUnopened(failure)
        || (content == null && isBroken(failure) && IDEMPOTENT.contains(head.method()));
  }

  /** Nothing can have been sent. */
  private static boolean isUnopened(Throwable failure) {
    return failure instanceof ConnectException
        || failure instanceof SocketTimeoutException
        || failure instanceof NoRouteToHostException
        || failure instanceof UnknownHostException
        || failure instanceof UnresolvedAddressException;
  }

  private static boolean isBroken(Throwable failure) {
    return failure instanceof IOException && !(failure instanceof ProtocolException);
  }

  @Override
  public Content.@Nullable Chunk read() {
    touched = true;
    return source().read();
  }

  @Override
  public void demand(Runnable callback) {
    source().demand(callback);
  }

  @Override
  public long getLength() {
    return source().getLength();
  }

  @Override
  public void fail(Throwable cause) {
    if (touched) {
      source().fail(cause);
    } else {
      withheld = cause;
    }
  }

  private Content.Source source() {
    Content.Source known = content;
    if (known == null) {
      throw new IllegalStateException("a request without content");
    }
    return known;
  }
}
