package io.sluice.upstream;

import java.net.URI;
import java.time.Duration;

/**
 * The server behind the gateway and how long it is waited for. Immutable.
 *
 * @param upstream where requests go, for example {@code http://localhost:3000}; scheme http, no
 *     path, query or user
 * @param connectTimeout how long a connection may take to open, name resolution included
 * @param responseTimeout how long the head of an answer may take after the request was sent; also
 *     how long a request may wait for a free connection
 * @param idleTimeout how long a connection may be silent in the middle of a message, or stay unused
 *     in the pool; should be shorter than the upstream's own keep-alive time
 * @param maxConnections connections open at once; 1 or more
 * @param maxQueued requests that may wait for a connection; further ones are answered 503
 * @param protocol what is spoken to it
 */
public record UpstreamSettings(
    URI upstream,
    Duration connectTimeout,
    Duration responseTimeout,
    Duration idleTimeout,
    int maxConnections,
    int maxQueued,
    Protocol protocol) {

  /** Creates settings of an upstream that speaks HTTP/1.1. */
  public UpstreamSettings(
      URI upstream,
      Duration connectTimeout,
      Duration responseTimeout,
      Duration idleTimeout,
      int maxConnections,
      int maxQueued) {
    this(
        upstream,
        connectTimeout,
        responseTimeout,
        idleTimeout,
        maxConnections,
        maxQueued,
        Protocol.HTTP1);
  }

  public UpstreamSettings {
    if (!"http".equalsIgnoreCase(upstream.getScheme())) {
      throw new IllegalArgumentException("upstream must begin with http:// : " + upstream);
    }
    if (upstream.getHost() == null) {
      throw new IllegalArgumentException("upstream must name a host: " + upstream);
    }
    if (hasMoreThanOrigin(upstream)) {
      throw new IllegalArgumentException(
          "upstream must be scheme, host and port only, like http://localhost:3000: " + upstream);
    }
    TimeLimits.requirePositive("connect time-out", connectTimeout);
    TimeLimits.requirePositive("response time-out", responseTimeout);
    TimeLimits.requirePositive("idle time-out", idleTimeout);
    if (maxConnections < 1) {
      throw new IllegalArgumentException("max connections must be 1 or more: " + maxConnections);
    }
    if (maxQueued < 0) {
      throw new IllegalArgumentException("max queued must be 0 or more: " + maxQueued);
    }
  }

  /** Returns the port to connect to. */
  public int port() {
    return upstream.getPort() < 0 ? 80 : upstream.getPort();
  }

  /** Returns the time limits of a call that has none of its own. */
  public TimeLimits limits() {
    return new TimeLimits(responseTimeout, idleTimeout);
  }

  private static boolean hasMoreThanOrigin(URI uri) {
    String path = uri.getRawPath();
    return (path != null && !path.isEmpty() && !path.equals("/"))
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null
        || uri.getRawUserInfo() != null;
  }
}
