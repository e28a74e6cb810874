package io.sluice.upstream;

import java.time.Duration;

/**
 * The least that a client has to move while the gateway waits for it. Immutable.
 *
 * @param rate octets a second, averaged over each window; 0 asks for nothing
 * @param window how long a client may take for its share; also how long it may do nothing at all
 */
public record Pace(long rate, Duration window) {

  public Pace {
    if (rate < 0) {
      throw new IllegalArgumentException("the rate must not be negative: " + rate);
    }
    TimeLimits.requirePositive("the window", window);
  }

  /** Returns how many octets are due in one window. */
  long octets() {
    return Math.multiplyExact(rate, window.toMillis()) / 1000;
  }
}
