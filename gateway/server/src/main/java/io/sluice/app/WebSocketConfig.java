package io.sluice.app;

import io.sluice.config.Section;
import io.sluice.websocket.WebSocketSettings;
import java.time.Duration;

/** Reads the block {@code websocket}. */
final class WebSocketConfig {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(7);
  private static final int MOST = 1_000_000;

  private WebSocketConfig() {}

  static WebSocketSettings read(Section block) {
    return new WebSocketSettings(
        block.duration("idle-timeout", SHORTEST, LONGEST),
        block.duration("write-timeout", SHORTEST, LONGEST),
        block.integer("max-connections", 0, MOST));
  }
}
