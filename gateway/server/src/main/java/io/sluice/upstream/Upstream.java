package io.sluice.upstream;

import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * A server that requests are sent to, over whichever protocol it speaks. It adds nothing to a
 * request and interprets nothing in an answer but where it ends. Thread-safe between start and
 * stop; nothing blocks.
 */
public interface Upstream {

  /** Starts; the threads and the timer it was given must be running. */
  void start();

  /** Stops: fails the calls under way and closes the connections. */
  void stop();

  /** Keeps no connection from now on; calls, new ones too, are still served until the stop. */
  void retire();

  /** Returns how it is doing. */
  UpstreamStatus status();

  /** Returns how many calls wait for a connection where no further one may be opened. */
  default int waiting() {
    return 0;
  }

  /** Returns whether its calls may ask for another protocol. */
  default boolean canSwitch() {
    return false;
  }

  /**
   * Prepares a call; {@link Call#send} sends it.
   *
   * @param content the content of the request; null when there is none
   * @param limits how long this call waits for the upstream
   */
  Call call(
      RequestHead head, Content.@Nullable Source content, TimeLimits limits, CallListener listener);
}
