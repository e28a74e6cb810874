package io.sluice.redis;

/**
 * Where a server listens.
 *
 * @param host name or address; an IPv6 address without brackets
 * @param port TCP port, 1 to 65535
 */
public record RedisAddress(String host, int port) {

  /** Returns {@code host:port}, an IPv6 address in brackets. */
  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + port;
  }
}
