package io.sluice.app;

import java.time.Duration;

/**
 * Where the gateway listens and what it bears. Immutable.
 *
 * @param host address to bind, for example {@code 0.0.0.0}
 * @param port port to bind; 0 for any free one
 * @param idleTimeout how long a client may be silent, or take nothing of its answer
 * @param maxHeaderSize octets that request line and header section may have; larger ones get 431
 * @param maxConnections connections open at once; further ones wait in the backlog
 * @param drain how long a stop waits for requests under way
 * @param endings how connections end
 * @param shortcuts which hand-overs between threads are saved
 * @param http2 what is borne of one HTTP/2 connection
 */
public record ServerSettings(
    String host,
    int port,
    Duration idleTimeout,
    int maxHeaderSize,
    int maxConnections,
    Duration drain,
    Endings endings,
    Shortcuts shortcuts,
    Http2Settings http2) {

  private static final Http2Settings HTTP2 =
      new Http2Settings(100, 200, 1000, 512 * 1024, 1024 * 1024);

  /** Creates settings with the endings and the bounds of HTTP/2 that reference.conf has. */
  public ServerSettings(
      String host,
      int port,
      Duration idleTimeout,
      int maxHeaderSize,
      int maxConnections,
      Duration drain,
      Shortcuts shortcuts) {
    this(
        host,
        port,
        idleTimeout,
        maxHeaderSize,
        maxConnections,
        drain,
        Endings.DEFAULT,
        shortcuts,
        HTTP2);
  }

  public ServerSettings {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port must be 0 to 65535: " + port);
    }
    if (idleTimeout.toMillis() < 1) {
      throw new IllegalArgumentException("idle time-out must be 1ms or more: " + idleTimeout);
    }
    if (maxHeaderSize < 1024 || maxHeaderSize > 65536) {
      throw new IllegalArgumentException("max header size must be 1024 to 65536: " + maxHeaderSize);
    }
    if (maxConnections < 1) {
      throw new IllegalArgumentException("max connections must be 1 or more: " + maxConnections);
    }
    if (drain.isNegative()) {
      throw new IllegalArgumentException("drain must not be negative: " + drain);
    }
  }

  /** Returns the same with other endings of connections. */
  public ServerSettings with(Endings other) {
    return new ServerSettings(
        host, port, idleTimeout, maxHeaderSize, maxConnections, drain, other, shortcuts, http2);
  }
}
