package io.sluice.app;

import io.sluice.tls.Certificates;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the files of the certificates from time to time, on a thread that may wait for disks.
 */
final class CertificateWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

  private final Certificates certificates;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(work -> {
        Thread made = new Thread(work, "sluice-certificates");
        made.setDaemon(true);
        return made;
      });
  private final ScheduledFuture<?> looking;

  CertificateWatch(Certificates certificates, Duration apart) {
    this.certificates = certificates;
    long millis = apart.toMillis();
    looking = thread.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    looking.cancel(true);
    thread.shutdownNow();
  }

  /** A task that throws would never run again. */
  private void look() {
    try {
      certificates.look();
    } catch (RuntimeException e) {
      LOG.error("the certificates could not be looked at", e);
    }
  }
}
