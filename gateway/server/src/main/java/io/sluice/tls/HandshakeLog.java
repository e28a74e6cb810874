package io.sluice.tls;

import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says why handshakes with an upstream fail, once a second at most. Thread-safe. */
final class HandshakeLog {

  private static final Logger LOG = LoggerFactory.getLogger(HandshakeLog.class);
  private static final long APART = TimeUnit.SECONDS.toNanos(1);

  private final String upstream;
  private final AtomicLong last = new AtomicLong(System.nanoTime() - APART);

  HandshakeLog(String upstream) {
    this.upstream = upstream;
  }

  void failed(Throwable cause) {
    long now = System.nanoTime();
    long before = last.get();
    if (now - before >= APART && last.compareAndSet(before, now)) {
      LOG.warn("TLS with the upstream {} failed: {}", upstream, reason(cause));
    }
  }

  /** Returns what went wrong and, where it is known, the remedy. */
  static String reason(Throwable cause) {
    String last = "";
    for (Throwable t = cause; t != null; t = t.getCause()) {
      last = t.getMessage() == null ? last : t.getMessage();
      String known = known(t);
      if (known != null) {
        return known;
      }
    }
    return last;
  }

  private static @Nullable String known(Throwable t) {
    if (t instanceof CertificateExpiredException) {
      return "its certificate has expired; renew it there";
    }
    if (t instanceof ClosedChannelException) {
      return "the connection ended before the handshake did, or it took too long";
    }
    if (t instanceof CertificateNotYetValidException) {
      return "its certificate is not valid yet; compare the clocks of both machines";
    }
    if (t instanceof CertPathBuilderException) {
      return "its certificate is not of an authority that is believed here; set ca";
    }
    String message = String.valueOf(t.getMessage());
    boolean isName =
        message.startsWith("No subject alternative") || message.startsWith("No name matching");
    return t instanceof CertificateException && isName
        ? "its certificate is for another name (" + message + "); set server-name"
        : null;
  }
}
