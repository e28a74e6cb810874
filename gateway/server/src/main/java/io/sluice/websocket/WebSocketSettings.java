package io.sluice.websocket;

import java.time.Duration;

/**
 * What WebSocket connections may take. Immutable.
 *
 * @param idleTimeout how long both sides may be silent before both are told to go
 * @param writeTimeout how long a side may take for 16 KiB before it counts as dead
 * @param maxConnections connections at once, those being opened among them; further ones get 503
 */
public record WebSocketSettings(Duration idleTimeout, Duration writeTimeout, int maxConnections) {

  public WebSocketSettings {
    requirePositive("idle time-out", idleTimeout);
    requirePositive("write time-out", writeTimeout);
    if (maxConnections < 0) {
      throw new IllegalArgumentException("max connections must be 0 or more: " + maxConnections);
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (value.toMillis() < 1) {
      throw new IllegalArgumentException(name + " must be 1ms or more: " + value);
    }
  }
}
