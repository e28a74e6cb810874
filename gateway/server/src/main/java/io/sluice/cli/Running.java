package io.sluice.cli;

import io.sluice.app.Gateway;

/** Ties a gateway to the life of the process. */
public final class Running {

  private Running() {}

  /**
   * Reads policies and settings again on SIGHUP from now on, and stops in order when the process is
   * told to end.
   *
   * @param afterwards what to stop once the gateway has stopped
   */
  public static void untilStopped(Gateway gateway, Runnable afterwards) {
    Signals.on("HUP", () -> gateway.reload());
    Thread stop =
        new Thread(
            () -> {
              gateway.close();
              afterwards.run();
            },
            "sluice-stop");
    Runtime.getRuntime().addShutdownHook(stop);
    // An end that was asked for is no failure: 0, where Java of itself would say 143.
    Signals.on("TERM", () -> System.exit(0));
  }
}
