package io.sluice.upstream;

import java.time.Duration;

/**
 * How content on its way to an upstream is dealt with. Immutable.
 *
 * @param ahead octets of a request that are gathered before it takes a connection; 0 for none
 * @param patience how long a request that does not say its length is gathered, at most
 * @param pace what a client has to send while it is waited for
 * @param mostStreaming requests whose content is still coming that may hold a connection at once
 * @param mostWaiting requests beyond that may wait for one of those to end
 */
public record UploadSettings(
    int ahead, Duration patience, Pace pace, int mostStreaming, int mostWaiting) {

  public UploadSettings {
    if (ahead < 0 || mostStreaming < 1 || mostWaiting < 0) {
      throw new IllegalArgumentException(
          "bounds of uploads: " + ahead + ", " + mostStreaming + ", " + mostWaiting);
    }
  }
}
