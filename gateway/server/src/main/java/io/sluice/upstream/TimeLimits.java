package io.sluice.upstream;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long one call waits for its upstream.
 *
 * @param connect for a connection, whether it has to be opened or to become free
 * @param response for the head of the answer after the request was sent
 * @param idle between two pieces of a request or an answer
 * @param total for the whole exchange, kept by whoever makes the call; null for as long as it lasts
 */
public record TimeLimits(
    Duration connect, Duration response, Duration idle, @Nullable Duration total) {

  public TimeLimits {
    requirePositive("connect time-out", connect);
    requirePositive("response time-out", response);
    requirePositive("idle time-out", idle);
    if (total != null) {
      requirePositive("total time-out", total);
    }
  }

  static void requirePositive(String name, Duration value) {
    if (value.toMillis() < 1) {
      throw new IllegalArgumentException(name + " must be 1ms or more: " + value);
    }
  }
}
