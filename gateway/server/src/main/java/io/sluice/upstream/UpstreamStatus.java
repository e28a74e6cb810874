package io.sluice.upstream;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How an upstream is doing at one moment.
 *
 * @param open connections that are open
 * @param resting those of them that nobody uses
 * @param waiting calls that wait for a connection
 * @param failure why the last connection that could not be opened could not; null when none failed
 * @param failedAgo how long ago that was; zero when none failed
 */
public record UpstreamStatus(
    int open, int resting, int waiting, @Nullable String failure, Duration failedAgo) {

  /** Returns whether nobody would notice if it were stopped. */
  public boolean isUnused() {
    return open == 0 && waiting == 0;
  }
}
