package io.sluice.proxy;

import io.sluice.upstream.Pace;
import java.time.Duration;

/**
 * How much slow clients are borne with while they are forwarded. Immutable.
 *
 * @param pace what a client has to send of its content or take of its answer while it is waited for
 * @param ahead octets of a request gathered before it takes a connection to the upstream; also of
 *     an answer taken off the upstream while the client takes nothing
 * @param memory octets that all requests together may gather; half of it is for answers
 * @param patience how long a request without a length is gathered at most
 */
public record PatienceSettings(Pace pace, int ahead, long memory, Duration patience) {

  /** What holds where nothing else is set. */
  public static final PatienceSettings DEFAULT =
      new PatienceSettings(
          new Pace(500, Duration.ofSeconds(30)),
          64 * 1024,
          64L * 1024 * 1024,
          Duration.ofSeconds(1));
}
