package io.sluice.tls;

import java.time.Duration;
import java.util.List;

/**
 * How the gateway speaks TLS with its clients. Immutable.
 *
 * @param port port to bind; 0 for any free one
 * @param only whether nothing listens without TLS
 * @param certificates where they are; the first is for clients that ask for no known name
 * @param versions of {@link #VERSIONS}, one or more
 * @param ciphers of {@link #CIPHERS}, one or more
 * @param ocspStapling whether Java fetches and sends what the authorities say of revocation
 * @param handshakeTimeout within which a client must have finished its handshake
 * @param sessionTimeout how long a session can be resumed; whole seconds
 * @param sessionCache most sessions kept for clients that keep none themselves; 1 or more
 * @param reload how often the files are looked at
 */
public record TlsSettings(
    int port,
    boolean only,
    List<CertificateSource> certificates,
    List<String> versions,
    List<String> ciphers,
    boolean ocspStapling,
    Duration handshakeTimeout,
    Duration sessionTimeout,
    int sessionCache,
    Duration reload) {

  /** What may be spoken: older versions are broken (RFC 8996). */
  public static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  /**
   * What may be used: forward secrecy and authenticated encryption only. Of the rest HTTP/2 forbids
   * nearly all (RFC 9113, appendix A).
   */
  public static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  public TlsSettings {
    certificates = List.copyOf(certificates);
    versions = List.copyOf(versions);
    ciphers = List.copyOf(ciphers);
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("TLS takes one certificate or more");
    }
    if (versions.isEmpty() || !VERSIONS.containsAll(versions)) {
      throw new IllegalArgumentException("versions must be of " + VERSIONS + ": " + versions);
    }
    if (ciphers.isEmpty() || !CIPHERS.containsAll(ciphers)) {
      throw new IllegalArgumentException("ciphers must be of " + CIPHERS + ": " + ciphers);
    }
    if (sessionCache < 1 || sessionTimeout.toSeconds() < 1) {
      // For Java 0 means without bound.
      throw new IllegalArgumentException("session cache and time-out must be 1 or more");
    }
  }
}
