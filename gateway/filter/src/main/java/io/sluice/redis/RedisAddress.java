package io.sluice.redis;

/**
 * Where a server listens.
 *
 * @param host name or address; an IPv6 address without brackets
 * @param port TCP port, 1 to 65535
 */
public record RedisAddress(String host, int port) {

  private static final int LAST_PORT = 65_535;

  /** Returns whether a server can listen there. */
  static boolean isPort(long port) {
    return port >= 1 && port <= LAST_PORT;
  }

  /** Returns {@code host:port}, an IPv6 address in brackets. */
  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + port;
  }
}
