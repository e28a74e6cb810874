package io.sluice.app;

import io.sluice.config.Section;

/** Reads {@code server.http2}. */
final class Http2Config {

  private static final int MOST = 1_000_000;
  private static final int LARGEST_WINDOW = 64 * 1024 * 1024;

  private Http2Config() {}

  static Http2Settings read(Section http2) {
    int stream = (int) http2.size("stream-window", Http2Settings.LEAST_WINDOW, LARGEST_WINDOW);
    int connection =
        (int) http2.size("connection-window", Http2Settings.LEAST_WINDOW, LARGEST_WINDOW);
    if (connection < stream) {
      http2.problem("connection-window", "expected at least server.http2.stream-window");
      connection = stream;
    }
    return new Http2Settings(
        http2.integer("max-streams", 1, 10_000),
        http2.integer("max-resets", 1, MOST),
        http2.integer("max-control-frames", 1, MOST),
        stream,
        connection);
  }
}
