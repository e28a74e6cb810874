package io.sluice.config;

import io.sluice.pem.BadCertificateException;
import io.sluice.pem.PemFile;
import io.sluice.redis.RedisTls;
import io.sluice.redis.RedisTopology;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads how TLS is spoken with Redis, and whether the files for it can be used. */
final class RedisTlsReader {

  private RedisTlsReader() {}

  /** Looks into a file; throws with a message that says what is wrong with it. */
  private interface Look {

    void at(Path file) throws BadCertificateException;
  }

  /** Returns null where TLS is not spoken. */
  static @Nullable RedisTls read(Section redis, RedisTopology topology) {
    Section tls = redis.section("tls");
    boolean enabled = tls.flag("enabled");
    RedisTls settings =
        new RedisTls(
            tls.file("ca").orElse(null),
            tls.file("certificate").orElse(null),
            tls.file("key").orElse(null),
            tls.flag("verify-name"));
    if (!enabled) {
      checkUnset(tls);
      return null;
    }
    if (topology instanceof RedisTopology.Socket) {
      redis.problem("tls", "a Unix domain socket has no TLS: expected only one of the two");
    }
    check(tls, settings);
    return settings;
  }

  /** Whoever names a certificate means it to be used; who turns TLS off says so. */
  private static void checkUnset(Section tls) {
    for (String key : List.of("ca", "certificate", "key")) {
      if (tls.has(key) && !tls.has("enabled")) {
        tls.problem(key, "is not used: expected redis.tls.enabled = true, or a URL of rediss://");
      }
    }
  }

  private static void check(Section tls, RedisTls settings) {
    Path certificate = settings.certificate();
    Path key = settings.key();
    look(tls, "ca", settings.authorities(), ca -> PemFile.read(ca).certificates());
    look(tls, "certificate", certificate, own -> PemFile.read(own).certificates());
    if (certificate != null && key != null) {
      look(tls, "key", key, own -> RedisTls.checkKey(own, certificate));
    } else if (certificate != null || key != null) {
      tls.problem(
          key == null ? "certificate" : "key", "expected certificate and key, or neither of them");
    }
  }

  private static void look(Section tls, String key, @Nullable Path file, Look look) {
    if (file == null) {
      return;
    }
    try {
      look.at(file);
    } catch (BadCertificateException e) {
      tls.problem(key, String.valueOf(e.getMessage()));
    }
  }
}
