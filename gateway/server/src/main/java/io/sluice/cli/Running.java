package io.sluice.cli;

import io.sluice.app.Gateway;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ties a gateway to the life of the process. */
public final class Running {

  private static final Logger LOG = LoggerFactory.getLogger(Running.class);

  /** For all that is stopped beside the listener: the access log alone may take ten seconds. */
  private static final Duration REST = Duration.ofSeconds(20);

  private Running() {}

  /**
   * Reads policies, settings and certificates again on SIGHUP from now on, and stops in order when
   * the process is told to end: waiting for what is under way at the first SIGTERM, not waiting at
   * the second, and in any case within the time that the settings allow and a little.
   *
   * @param afterwards what to stop once the gateway has stopped
   */
  public static void untilStopped(Gateway gateway, Runnable afterwards) {
    Signals.on("HUP", () -> gateway.reload());
    Thread stop =
        new Thread(
            () -> {
              endAnyway(gateway.longestStop().plus(REST));
              gateway.close();
              afterwards.run();
            },
            "sluice-stop");
    Runtime.getRuntime().addShutdownHook(stop);
    // An end that was asked for is no failure: 0, where Java of itself would say 143.
    AtomicBoolean asked = new AtomicBoolean();
    Signals.on(
        "TERM",
        () -> {
          if (asked.getAndSet(true)) {
            gateway.hurry();
          } else {
            System.exit(0);
          }
        });
  }

  /** Whatever hangs, whoever stopped the process gets it stopped. */
  private static void endAnyway(Duration after) {
    Thread last =
        new Thread(
            () -> {
              try {
                TimeUnit.MILLISECONDS.sleep(after.toMillis());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
              }
              LOG.error("something did not stop within {}ms; the process ends", after.toMillis());
              Runtime.getRuntime().halt(0);
            },
            "sluice-stop-limit");
    last.setDaemon(true);
    last.start();
  }
}
