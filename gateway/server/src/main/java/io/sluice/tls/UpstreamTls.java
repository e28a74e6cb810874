package io.sluice.tls;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the gateway speaks TLS with an upstream. Immutable.
 *
 * @param ca certificates of the authorities that are believed, as PEM text; null for those that
 *     Java ships
 * @param own the certificate that the gateway shows when asked for one; null for none
 * @param serverName the name that the upstream's certificate must be for, and that is asked for;
 *     null for the host in its URL
 * @param verified whether the certificate is looked at at all
 */
public record UpstreamTls(
    @Nullable Path ca,
    @Nullable CertificateSource own,
    @Nullable String serverName,
    boolean verified) {

  /** Java's authorities, no certificate of our own, everything verified. */
  public static final UpstreamTls STANDARD = new UpstreamTls(null, null, null, true);
}
