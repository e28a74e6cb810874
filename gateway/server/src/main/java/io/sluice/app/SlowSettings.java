package io.sluice.app;

import io.sluice.proxy.PatienceSettings;
import java.time.Duration;

/**
 * What slow and greedy clients may do. Immutable.
 *
 * @param head how long the head of a request may take, from its first octet; for the first one of a
 *     connection, from its opening
 * @param perAddress connections that one address may hold at once
 * @param sendBuffer octets of answers that the socket of a client may hold; 0 leaves it to the
 *     system
 * @param forwarding what they may do to requests on their way
 */
public record SlowSettings(
    Duration head, int perAddress, int sendBuffer, PatienceSettings forwarding) {

  public SlowSettings {
    if (head.toMillis() < 1) {
      throw new IllegalArgumentException("the time for a head must be 1ms or more: " + head);
    }
    if (perAddress < 1) {
      throw new IllegalArgumentException(
          "the connections of an address must be 1 or more: " + perAddress);
    }
    if (sendBuffer < 0) {
      throw new IllegalArgumentException("a send buffer cannot be negative: " + sendBuffer);
    }
  }
}
