package io.sluice.app;

import io.sluice.pem.BadCertificateException;
import io.sluice.tls.Certificates;
import io.sluice.tls.TlsListener;
import io.sluice.tls.TlsSettings;
import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * TLS of a running gateway: its certificates, kept current, and its connections to the upstream.
 */
final class GatewayTls implements AutoCloseable {

  private final @Nullable TlsListener listener;
  private final @Nullable Certificates certificates;
  private final @Nullable CertificateWatch watch;

  /**
   * Reads the certificates.
   *
   * @param settings null for a gateway that speaks no TLS with its clients
   */
  GatewayTls(@Nullable TlsSettings settings, GatewayMetrics metrics, InstantSource clock)
      throws IOException {
    if (settings == null) {
      listener = null;
      certificates = null;
      watch = null;
      return;
    }
    try {
      Certificates read = new Certificates(settings.certificates(), clock);
      metrics.watch(settings, read, clock);
      certificates = read;
      listener = new TlsListener(settings, read);
      watch = new CertificateWatch(read, settings.reload());
    } catch (BadCertificateException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Returns what the server's TLS port speaks; null for none. */
  @Nullable TlsListener listener() {
    return listener;
  }

  /** Reads changed files at once. */
  void reload() {
    if (certificates != null) {
      certificates.reload();
    }
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
  }
}
