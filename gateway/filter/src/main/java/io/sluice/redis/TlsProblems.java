package io.sluice.redis;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says why a TLS handshake with Redis failed, and the remedy. */
final class TlsProblems {

  private static final String ALERT = "fatal alert: ";

  private TlsProblems() {}

  /**
   * Returns what is wrong with the server, or null when it is not about TLS.
   *
   * @param origin who gave its address
   */
  static @Nullable String of(Throwable failure, Origin origin) {
    String found = null;
    for (Throwable t = failure; t != null; t = t.getCause()) {
      String text = of(t, String.valueOf(t.getMessage()), origin);
      found = text == null ? found : text; // The innermost knows best.
    }
    return found;
  }

  private static @Nullable String of(Throwable failure, String message, Origin origin) {
    if (failure instanceof SslHandshakeTimeoutException) {
      return "does not take part in a TLS handshake within %d ms; it hangs, or speaks no TLS: %s, or"
              .formatted(LettuceShape.TLS_TIMEOUT.toMillis(), origin.withoutTls())
          + " leave TLS out";
    }
    if (failure instanceof NotSslRecordException) {
      return "does not answer with TLS; %s, or leave TLS out".formatted(origin.withoutTls());
    }
    if (failure instanceof CertificateExpiredException
        || failure instanceof CertificateNotYetValidException) {
      return "shows a certificate that is not valid now; renew it, or mend this machine's clock";
    }
    if (message.contains("unable to find valid certification path")) {
      return "shows a certificate of an authority that is not believed; name the authority's own in"
          + " redis.tls.ca";
    }
    if (message.contains("ubject alternative") || message.contains("No name matching")) {
      return "shows a certificate for another host (%s); %s, or set redis.tls.verify-name = false"
          .formatted(message, origin.otherName());
    }
    return failure instanceof SSLException ? general(message) : null;
  }

  private static String general(String message) {
    int alert = message.indexOf(ALERT);
    if (alert < 0) {
      return "breaks the TLS handshake off (%s); see its own log".formatted(message);
    }
    String name = message.substring(alert + ALERT.length()).toLowerCase(Locale.ROOT);
    return switch (name) {
      case "certificate_required", "handshake_failure" ->
          "wants a certificate of the gateway; set redis.tls.certificate and redis.tls.key";
      case "unknown_ca",
          "bad_certificate",
          "certificate_unknown",
          "certificate_expired",
          "certificate_revoked",
          "unsupported_certificate" ->
          "does not accept the gateway's certificate (%s); have redis.tls.certificate issued by an"
                  .formatted(name)
              + " authority of its tls-ca-cert-file, and in time";
      case "protocol_version" -> "speaks no TLS of version 1.2 or later; raise its tls-protocols";
      default -> "breaks the TLS handshake off (%s); see its own log".formatted(name);
    };
  }
}
