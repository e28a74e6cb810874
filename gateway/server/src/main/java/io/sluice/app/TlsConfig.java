package io.sluice.app;

import io.sluice.config.Section;
import io.sluice.pem.BadCertificateException;
import io.sluice.tls.CertificateReader;
import io.sluice.tls.CertificateSource;
import io.sluice.tls.TlsSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code server.tls}, and the certificates it names, so that a check finds what is wrong. */
final class TlsConfig {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration DAY = Duration.ofDays(1);

  private TlsConfig() {}

  /** Reads the block; null where it names no certificate. */
  static @Nullable TlsSettings read(Section tls) {
    List<CertificateSource> certificates = certificates(tls.sections("certificates"));
    int port = tls.integer("port", 0, 65_535);
    boolean only = tls.flag("only");
    List<String> versions = some(tls, "versions", TlsSettings.VERSIONS);
    List<String> ciphers = some(tls, "ciphers", TlsSettings.CIPHERS);
    boolean stapling = tls.flag("ocsp-stapling");
    Duration handshake = tls.duration("handshake-timeout", Duration.ofMillis(100), DAY);
    Duration session = tls.duration("session-timeout", SECOND, Duration.ofDays(7));
    int cache = tls.integer("session-cache", 1, 10_000_000);
    Duration reload = tls.duration("reload", Duration.ofMillis(100), DAY);
    if (certificates.isEmpty()) {
      if (only) {
        tls.problem("only", "no certificate is given, so nothing would listen; add certificates");
      }
      return null;
    }
    return new TlsSettings(
        port, only, certificates, versions, ciphers, stapling, handshake, session, cache, reload);
  }

  private static List<CertificateSource> certificates(List<Section> blocks) {
    List<CertificateSource> sources = new ArrayList<>();
    for (Section block : blocks) {
      Optional<Path> cert = block.file("cert");
      Optional<Path> key = block.file("key");
      Optional<String> keyPassword = block.optional("key-password");
      Optional<Path> pkcs12 = block.file("pkcs12");
      Optional<String> password = block.optional("password");
      if (pkcs12.isPresent() && cert.isEmpty() && key.isEmpty()) {
        sources.add(
            sound(
                block,
                "pkcs12",
                new CertificateSource.Pkcs12File(pkcs12.get(), password.orElse(null))));
      } else if (pkcs12.isEmpty() && cert.isPresent() && key.isPresent()) {
        sources.add(
            sound(
                block,
                "cert",
                new CertificateSource.PemFiles(cert.get(), key.get(), keyPassword.orElse(null))));
      } else {
        block.problem(
            cert.isPresent() ? "cert" : key.isPresent() ? "key" : "pkcs12",
            "expected cert and key, or pkcs12 alone");
      }
    }
    return sources;
  }

  /** Reports what is wrong with a certificate where it is named. */
  static CertificateSource sound(Section block, String key, CertificateSource source) {
    try {
      CertificateReader.read(source)
          .doubts(Instant.now())
          .forEach(doubt -> block.warning(key, doubt));
    } catch (BadCertificateException e) {
      block.problem(key, String.valueOf(e.getMessage()));
    }
    return source;
  }

  private static List<String> some(Section tls, String key, List<String> known) {
    List<String> chosen = tls.texts(key);
    List<String> unknown = chosen.stream().filter(each -> !known.contains(each)).toList();
    if (!unknown.isEmpty()) {
      tls.problem(key, "expected some of " + String.join(", ", known));
    }
    return chosen.isEmpty() || !unknown.isEmpty() ? known : chosen;
  }
}
