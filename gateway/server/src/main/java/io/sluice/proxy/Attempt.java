package io.sluice.proxy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.util.Set;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;

/**
 * One sending of a request to the upstream. Reports to its {@link Forwarding}, and asks for another
 * attempt where a pooled connection turns out to have been closed before it carried anything.
 */
final class Attempt implements Response.Listener {

  /** Repeating these does no harm (RFC 9110, section 9.2.2). */
  private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");

  private final Forwarding forwarding;
  private final UpstreamRequest request;
  private final boolean mayRepeat;
  private final long startNanos = System.nanoTime();
  private volatile boolean sending;
  private volatile boolean answering;

  Attempt(Forwarding forwarding, UpstreamRequest request, boolean mayRepeat) {
    this.forwarding = forwarding;
    this.request = request;
    this.mayRepeat = mayRepeat && IDEMPOTENT.contains(request.getMethod());
    request.onRequestBegin(r -> begin());
    request.onRequestSuccess(r -> success());
  }

  /** Returns whether a connection has taken the request. */
  boolean isSending() {
    return sending;
  }

  void abort(Throwable cause) {
    var unused = request.abort(cause);
  }

  private void begin() {
    sending = true;
    forwarding.sending();
  }

  private void success() {
    if (!answering) {
      forwarding.sent();
    }
  }

  @Override
  public void onBegin(Response response) {
    answering = true;
  }

  @Override
  public void onHeaders(Response response) {
    if (response.getStatus() == HttpStatus.SWITCHING_PROTOCOLS_101) {
      abort(new ProtocolException("the upstream switched protocols unasked"));
    }
  }

  @Override
  public void onContentSource(Response response, Content.Source content) {
    forwarding.answered(response, content, System.nanoTime() - startNanos);
  }

  @Override
  public void onFailure(Response response, Throwable failure) {
    if (!isStale(failure)) {
      forwarding.failed(failure);
    }
  }

  @Override
  public void onComplete(Result result) {
    Throwable failure = result.getFailure();
    if (failure != null && isStale(failure)) {
      forwarding.again();
      return;
    }
    if (failure != null) {
      forwarding.failed(failure);
    }
    forwarding.over();
  }

  /** The connection had served before, and broke before the first octet of this answer. */
  private boolean isStale(Throwable failure) {
    return mayRepeat
        && !answering
        && failure instanceof IOException
        && !(failure instanceof ConnectException)
        && request.getConnection() instanceof Connection connection
        && connection.getMessagesIn() > 0;
  }
}
