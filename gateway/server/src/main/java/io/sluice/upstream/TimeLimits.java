package io.sluice.upstream;

import java.time.Duration;

/**
 * How long one call waits for its upstream.
 *
 * @param response for the head of the answer after the request was sent; also for a free connection
 * @param idle between two pieces of a request or an answer
 */
public record TimeLimits(Duration response, Duration idle) {

  public TimeLimits {
    requirePositive("response time-out", response);
    requirePositive("idle time-out", idle);
  }

  static void requirePositive(String name, Duration value) {
    if (value.toMillis() < 1) {
      throw new IllegalArgumentException(name + " must be 1ms or more: " + value);
    }
  }
}
