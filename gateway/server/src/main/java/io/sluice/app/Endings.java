package io.sluice.app;

import io.sluice.config.Section;
import java.time.Duration;

/**
 * How connections to clients end, from their side and from ours. Immutable.
 *
 * @param onHalfClose what is made of a client that ends its side only
 * @param drainDelay how long a stop goes on accepting, so that balancers can notice
 * @param drainIdle how long a connection must have been silent before a stop closes it
 */
public record Endings(HalfClose onHalfClose, Duration drainDelay, Duration drainIdle) {

  /** What reference.conf says. */
  public static final Endings DEFAULT =
      new Endings(HalfClose.CANCEL, Duration.ZERO, Duration.ofSeconds(1));

  private static final Duration LONGEST = Duration.ofMinutes(10);

  public Endings {
    if (drainDelay.isNegative() || drainIdle.isNegative()) {
      throw new IllegalArgumentException("drain times must not be negative");
    }
  }

  static Endings read(Section server) {
    return new Endings(
        server.choice("on-half-close", HalfClose.class),
        server.duration("drain-delay", Duration.ZERO, LONGEST),
        server.duration("drain-idle", Duration.ZERO, LONGEST));
  }
}
