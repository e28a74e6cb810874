package io.sluice.app;

import io.sluice.config.Section;
import io.sluice.pem.BadCertificateException;
import io.sluice.tls.CertificateSource;
import io.sluice.tls.UpstreamContext;
import io.sluice.tls.UpstreamTls;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads a block of settings for TLS to an upstream, and the files it names. */
final class UpstreamTlsConfig {

  private static final Pattern NAME =
      Pattern.compile(
          "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9][A-Za-z0-9-]*)*|[0-9a-fA-F:.]+");

  private UpstreamTlsConfig() {}

  /** Reads the block; what is wrong with a file is reported where it is named. */
  static UpstreamTls read(Section tls) {
    Optional<Path> ca = tls.file("ca");
    Optional<Path> cert = tls.file("cert");
    Optional<Path> key = tls.file("key");
    Optional<String> keyPassword = tls.optional("key-password");
    Optional<String> name = tls.optional("server-name");
    boolean unverified = tls.flag("insecure-skip-verify");
    if (name.isPresent() && !NAME.matcher(name.get()).matches()) {
      tls.problem("server-name", "expected a host's name, for example api.internal");
    }
    if (cert.isPresent() != key.isPresent()) {
      tls.problem(cert.isPresent() ? "cert" : "key", "expected both cert and key, or neither");
    }
    if (unverified) {
      tls.warning(
          "insecure-skip-verify",
          "whoever is reached is taken for the upstream; set ca, or server-name, instead");
    }
    CertificateSource own =
        cert.isPresent() && key.isPresent()
            ? TlsConfig.sound(
                tls,
                "cert",
                new CertificateSource.PemFiles(cert.get(), key.get(), keyPassword.orElse(null)))
            : null;
    ca.ifPresent(file -> check(tls, file));
    return new UpstreamTls(ca.orElse(null), own, name.orElse(null), !unverified);
  }

  private static void check(Section tls, Path ca) {
    try {
      new UpstreamContext(new UpstreamTls(ca, null, null, true));
    } catch (BadCertificateException e) {
      tls.problem("ca", String.valueOf(e.getMessage()));
    }
  }
}
