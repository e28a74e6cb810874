package io.sluice.app;

import io.sluice.config.Section;
import io.sluice.proxy.PatienceSettings;
import io.sluice.upstream.Pace;
import java.time.Duration;

/** Reads the block {@code server.slow}. */
final class SlowConfig {

  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final long LARGEST_RATE = 1L << 30;
  private static final long LARGEST_AHEAD = 1L << 20;
  private static final long LARGEST_SEND_BUFFER = 1L << 26;
  private static final long MOST_MEMORY = 1L << 34;
  private static final int MOST_CONNECTIONS = 1_000_000;

  private SlowConfig() {}

  static SlowSettings read(Section slow) {
    return new SlowSettings(
        slow.duration("head", SHORTEST, LONGEST),
        slow.integer("connections-per-address", 1, MOST_CONNECTIONS),
        (int) slow.size("send-buffer", 0, LARGEST_SEND_BUFFER),
        new PatienceSettings(
            new Pace(
                slow.size("rate", 0, LARGEST_RATE), slow.duration("window", SHORTEST, LONGEST)),
            (int) slow.size("ahead", 0, LARGEST_AHEAD),
            slow.size("memory", 0, MOST_MEMORY),
            slow.duration("ahead-wait", Duration.ofMillis(1), LONGEST)));
  }
}
