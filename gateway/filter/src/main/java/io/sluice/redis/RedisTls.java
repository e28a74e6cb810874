package io.sluice.redis;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is spoken with Redis, Sentinels and nodes of a cluster included. The files hold PEM text
 * and are read anew for each connection, so that renewed ones take effect. Immutable.
 *
 * @param authorities certificates of the authorities that are believed; null for those of Java
 * @param certificate the certificate shown to a Redis that asks for one; null for none
 * @param key its private key, PKCS#8 and not encrypted; null exactly when there is no certificate
 * @param nameVerified whether a server's certificate must be for the host that was dialled
 */
public record RedisTls(
    @Nullable Path authorities,
    @Nullable Path certificate,
    @Nullable Path key,
    boolean nameVerified) {

  /** Java's authorities, no certificate of our own. */
  public static final RedisTls STANDARD = new RedisTls(null, null, null, true);

  /**
   * Reads the files as they are now.
   *
   * @throws IOException when one cannot be used; the message names it and the remedy
   */
  void check() throws IOException {
    if (authorities != null) {
      PemFiles.certificates(authorities);
    }
    if (certificate != null && key != null) {
      PemFiles.key(key, certificate);
    }
  }
}
