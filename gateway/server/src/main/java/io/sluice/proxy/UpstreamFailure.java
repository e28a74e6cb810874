package io.sluice.proxy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Why an upstream did not answer, and what the client is told. */
public enum UpstreamFailure {
  /** No connection could be opened: refused, no route, unknown name. */
  UNREACHABLE(502, "the service behind the gateway cannot be reached"),
  /** A connection took too long to open. */
  CONNECT_TIMEOUT(504, "the service behind the gateway cannot be reached in time"),
  /** TLS did not come about: unknown authority, wrong name, expired, no common version. */
  UNTRUSTED(502, "the service behind the gateway could not prove who it is"),
  /** The answer, or its next part, took too long. */
  RESPONSE_TIMEOUT(504, "the service behind the gateway did not answer in time"),
  /** All connections are busy and the queue is full, or the wait in it was too long. */
  OVERLOADED(503, "the service behind the gateway is busy; try again in a second"),
  /** The answer was no HTTP, or too large a header section. */
  MALFORMED(502, "the service behind the gateway gave an answer that cannot be read"),
  /** The connection broke before or within the answer. */
  BROKEN(502, "the service behind the gateway broke off its answer");

  private final int status;
  private final String detail;

  UpstreamFailure(int status, String detail) {
    this.status = status;
    this.detail = detail;
  }

  /** Returns the status of the answer: 502, 503 or 504. */
  public int status() {
    return status;
  }

  /** Returns a sentence for the client that names no internals. */
  public String detail() {
    return detail;
  }

  static UpstreamFailure of(Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      UpstreamFailure kind = exactly(t);
      if (kind != null) {
        return kind;
      }
    }
    return BROKEN;
  }

  private static @Nullable UpstreamFailure exactly(Throwable t) {
    if (t instanceof RejectedExecutionException) {
      return OVERLOADED;
    }
    if (t instanceof SocketTimeoutException) {
      return CONNECT_TIMEOUT;
    }
    if (t instanceof SSLHandshakeException) {
      return UNTRUSTED;
    }
    if (t instanceof TimeoutException) {
      return RESPONSE_TIMEOUT;
    }
    if (t instanceof ProtocolException) {
      return MALFORMED;
    }
    if (t instanceof ConnectException
        || t instanceof NoRouteToHostException
        || t instanceof UnknownHostException
        || t instanceof UnresolvedAddressException) {
      return UNREACHABLE;
    }
    return t instanceof IOException ? BROKEN : null;
  }
}
