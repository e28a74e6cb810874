package io.sluice.redis;

import io.sluice.pem.BadCertificateException;
import io.sluice.pem.KeyPairs;
import io.sluice.pem.PemFile;
import io.sluice.pem.PemKey;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is spoken with Redis, Sentinels and nodes of a cluster included. The files hold PEM text
 * and are read anew for each connection, so that renewed ones take effect. Immutable.
 *
 * @param authorities certificates of the authorities that are believed; null for those of Java
 * @param certificate the certificate shown to a Redis that asks for one; null for none
 * @param key its private key, PKCS#8 and not encrypted, EC or RSA; null exactly when there is no
 *     certificate
 * @param nameVerified whether a server's certificate must be for the host that was dialled
 */
public record RedisTls(
    @Nullable Path authorities,
    @Nullable Path certificate,
    @Nullable Path key,
    boolean nameVerified) {

  /** Java's authorities, no certificate of our own. */
  public static final RedisTls STANDARD = new RedisTls(null, null, null, true);

  /** Netty reads the key's file itself, and tries these alone. */
  private static final Set<String> KINDS = Set.of("RSA", "DSA", "EC");

  /**
   * Reads the files as they are now.
   *
   * @throws BadCertificateException when one cannot be used
   */
  void check() throws BadCertificateException {
    if (authorities != null) {
      PemFile.read(authorities).certificates();
    }
    if (certificate != null && key != null) {
      checkKey(key, certificate);
    }
  }

  /**
   * Makes sure that a file holds the key of the first certificate in another file, in the one form
   * that connections to Redis can be made with.
   *
   * @throws BadCertificateException when one of the two cannot be used
   */
  public static void checkKey(Path key, Path certificate) throws BadCertificateException {
    PemKey own = PemFile.read(key).key();
    if (!own.isPlain()) {
      throw new BadCertificateException(
          key + ": is a key of another form; convert it: openssl pkcs8 -topk8 -nocrypt -in OLD");
    }
    PublicKey owner = PemFile.read(certificate).certificates().get(0).getPublicKey();
    if (!KeyPairs.match(own.open(null, owner), owner)) {
      throw new BadCertificateException(
          key + ": is not the key of the certificate in " + certificate);
    }
    if (!KINDS.contains(owner.getAlgorithm())) {
      throw new BadCertificateException(
          "%s: keys of the kind %s do not serve for connections to Redis; issue one of EC or RSA"
              .formatted(key, owner.getAlgorithm()));
    }
  }
}
