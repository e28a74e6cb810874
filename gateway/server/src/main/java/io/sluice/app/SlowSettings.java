package io.sluice.app;

import io.sluice.proxy.PatienceSettings;
import java.time.Duration;

/**
 * What slow and greedy clients may do. Immutable.
 *
 * @param head how long the head of a request may take, from its first octet; for the first one of a
 *     connection, from its opening
 * @param perAddress connections that one address may hold at once
 * @param forwarding what they may do to requests on their way
 */
public record SlowSettings(Duration head, int perAddress, PatienceSettings forwarding) {

  public SlowSettings {
    if (head.toMillis() < 1) {
      throw new IllegalArgumentException("the time for a head must be 1ms or more: " + head);
    }
    if (perAddress < 1) {
      throw new IllegalArgumentException(
          "the connections of an address must be 1 or more: " + perAddress);
    }
  }
}
