package io.sluice.metrics;

import java.util.function.LongSupplier;

/** Shows how long certificates last. */
public final class TlsMetrics {

  private final Instruments instruments;

  public TlsMetrics(Instruments instruments) {
    this.instruments = instruments;
  }

  /**
   * Shows when a certificate expires.
   *
   * @param name tells it from others; from the configuration
   * @param seconds until then; negative afterwards
   */
  public void watchCertificate(String name, LongSupplier seconds) {
    instruments.gauge(
        MetricName.of("sluice_tls_certificate_expiry_seconds").with("name", name),
        "Seconds until the certificate expires; negative when it has.",
        seconds::getAsLong);
  }
}
