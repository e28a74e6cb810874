package io.sluice.app;

/**
 * What the gateway bears of one HTTP/2 connection. Immutable.
 *
 * @param maxStreams requests at once; further ones are refused unread
 * @param maxResets requests that may be given up, or made to be given up, in a second; more of them
 *     end the connection
 * @param maxControlFrames frames that carry nothing of a request or an answer, in a second; more of
 *     them end the connection
 * @param streamWindow octets of one request's content that may come before they are read
 * @param connectionWindow octets of all requests' content that may come before they are read
 */
public record Http2Settings(
    int maxStreams, int maxResets, int maxControlFrames, int streamWindow, int connectionWindow) {

  /** The smallest window that a peer may start with (RFC 9113, section 6.9.2). */
  static final int LEAST_WINDOW = 65_536;

  public Http2Settings {
    requirePositive("max streams", maxStreams);
    requirePositive("max resets", maxResets);
    requirePositive("max control frames", maxControlFrames);
    if (streamWindow < LEAST_WINDOW || connectionWindow < streamWindow) {
      throw new IllegalArgumentException(
          "windows must be %d or more, and the connection's not less than a stream's: %d, %d"
              .formatted(LEAST_WINDOW, streamWindow, connectionWindow));
    }
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be 1 or more: " + value);
    }
  }
}
