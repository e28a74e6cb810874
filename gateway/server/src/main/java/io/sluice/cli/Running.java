package io.sluice.cli;

import io.sluice.app.Gateway;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ties a gateway to the life of the process. */
public final class Running {

  private static final Logger LOG = LoggerFactory.getLogger(Running.class);

  /** For all that is stopped beside the listener: the access log alone may take ten seconds. */
  private static final Duration REST = Duration.ofSeconds(20);

  private @Nullable Gateway running;
  private boolean asked;

  private Running() {}

  /**
   * Takes note of SIGHUP from now on. It would end a process that does not expect it; one that
   * comes before there is a gateway is served when there is.
   */
  public static Running prepare() {
    Running made = new Running();
    Signals.on("HUP", made::reload);
    return made;
  }

  private synchronized void reload() {
    if (running == null) {
      asked = true;
    } else {
      running.reload();
    }
  }

  private synchronized void begin(Gateway gateway) {
    running = gateway;
    if (asked) {
      gateway.reload();
    }
  }

  /**
   * Reads policies, settings and certificates again on SIGHUP, and stops in order when the process
   * is told to end: waiting for what is under way at the first SIGTERM, not waiting at the second,
   * and in any case within the time that the settings allow and a little.
   *
   * @param afterwards what to stop once the gateway has stopped
   */
  public void untilStopped(Gateway gateway, Runnable afterwards) {
    begin(gateway);
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
    AtomicBoolean told = new AtomicBoolean();
    Signals.on(
        "TERM",
        () -> {
          if (told.getAndSet(true)) {
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
