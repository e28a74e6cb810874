package io.sluice.upstream;

import java.net.URI;
import java.time.Duration;

/**
 * The server behind the gateway and how long it is waited for. Immutable.
 *
 * @param upstream where requests go, for example {@code http://localhost:3000}; scheme http or
 *     https, no path, query or user
 * @param connectTimeout how long a connection may take to open, name resolution included
 * @param responseTimeout how long the head of an answer may take after the request was sent
 * @param idleTimeout how long a connection may be silent in the middle of a message, or stay unused
 *     in the pool; should be shorter than the upstream's own keep-alive time
 * @param maxConnections connections open at once; 1 or more
 * @param maxQueued requests that may wait for a connection; further ones are answered 503
 * @param maxAge age at which a connection is closed once it is unused
 * @param protocol what is spoken to it
 */
public record UpstreamSettings(
    URI upstream,
    Duration connectTimeout,
    Duration responseTimeout,
    Duration idleTimeout,
    int maxConnections,
    int maxQueued,
    Duration maxAge,
    Protocol protocol) {

  /** The age at which connections are closed where nobody says another. */
  public static final Duration USUAL_AGE = Duration.ofMinutes(5);

  public UpstreamSettings {
    if (!"http".equalsIgnoreCase(upstream.getScheme()) && !isSecure(upstream)) {
      throw new IllegalArgumentException(
          "upstream must begin with http:// or https:// : " + upstream);
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
    TimeLimits.requirePositive("max age", maxAge);
    if (maxConnections < 1) {
      throw new IllegalArgumentException("max connections must be 1 or more: " + maxConnections);
    }
    if (maxQueued < 0) {
      throw new IllegalArgumentException("max queued must be 0 or more: " + maxQueued);
    }
  }

  /** Creates settings with the usual age of connections, that speak HTTP/1.1. */
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
        USUAL_AGE,
        Protocol.HTTP1);
  }

  /** Returns the same for another server. */
  public UpstreamSettings at(URI server) {
    return new UpstreamSettings(
        server,
        connectTimeout,
        responseTimeout,
        idleTimeout,
        maxConnections,
        maxQueued,
        maxAge,
        protocol);
  }

  /** Returns the same with another bound and age of connections, and another protocol. */
  public UpstreamSettings with(int connections, Duration age, Protocol spoken) {
    int queued = (int) Math.min(Integer.MAX_VALUE, (long) maxQueued / maxConnections * connections);
    return new UpstreamSettings(
        upstream, connectTimeout, responseTimeout, idleTimeout, connections, queued, age, spoken);
  }

  /** Returns the same with another time in which a connection has to open. */
  public UpstreamSettings connectingIn(Duration time) {
    return new UpstreamSettings(
        upstream, time, responseTimeout, idleTimeout, maxConnections, maxQueued, maxAge, protocol);
  }

  /** Returns the same for short questions, each on a connection of its own. */
  public UpstreamSettings forQuestions(Duration timeout) {
    return new UpstreamSettings(
        upstream, timeout, timeout, timeout, 1, 1, Duration.ofMillis(1), protocol);
  }

  /** Returns the port to connect to. */
  public int port() {
    return upstream.getPort() < 0 ? (isSecure() ? 443 : 80) : upstream.getPort();
  }

  /** Returns whether it is spoken to under TLS. */
  public boolean isSecure() {
    return isSecure(upstream);
  }

  /** Returns the time limits of a call that has none of its own. */
  public TimeLimits limits() {
    return new TimeLimits(connectTimeout, responseTimeout, idleTimeout, null);
  }

  private static boolean isSecure(URI uri) {
    return "https".equalsIgnoreCase(uri.getScheme());
  }

  private static boolean hasMoreThanOrigin(URI uri) {
    String path = uri.getRawPath();
    return (path != null && !path.isEmpty() && !path.equals("/"))
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null
        || uri.getRawUserInfo() != null;
  }
}
