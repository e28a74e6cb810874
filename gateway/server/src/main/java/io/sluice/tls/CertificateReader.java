package io.sluice.tls;

import io.sluice.pem.BadCertificateException;
import io.sluice.pem.KeyPairs;
import io.sluice.pem.PemFile;
import io.sluice.pem.SmallFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads certificates and makes sure that a handshake with them can succeed. */
public final class CertificateReader {

  private CertificateReader() {}

  /**
   * Reads a certificate with its key.
   *
   * @throws BadCertificateException when it cannot be used: a file missing, no password or a wrong
   *     one, a key of another certificate, a chain out of order
   */
  public static ServerCertificate read(CertificateSource source) throws BadCertificateException {
    List<byte[]> contents = new ArrayList<>();
    for (Path file : source.files()) {
      contents.add(SmallFile.content(file));
    }
    return read(source, contents);
  }

  /** Reads what has been read from the source's files already. */
  static ServerCertificate read(CertificateSource source, List<byte[]> contents)
      throws BadCertificateException {
    if (source instanceof CertificateSource.PemFiles pem) {
      return pem(pem, contents.get(0), contents.get(1));
    }
    return pkcs12((CertificateSource.Pkcs12File) source, contents.get(0));
  }

  private static ServerCertificate pem(CertificateSource.PemFiles source, byte[] cert, byte[] key)
      throws BadCertificateException {
    List<X509Certificate> chain = PemFile.of(source.cert(), cert).certificates();
    checkOrder(source.cert(), chain);
    PublicKey owner = chain.get(0).getPublicKey();
    PrivateKey own = PemFile.of(source.key(), key).key().open(source.password(), owner);
    checkPair(source.key(), source.cert(), own, owner);
    return ServerCertificate.of(chain, own);
  }

  private static ServerCertificate pkcs12(CertificateSource.Pkcs12File source, byte[] content)
      throws BadCertificateException {
    Path file = source.file();
    char[] password = password(source.password());
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(new ByteArrayInputStream(content), password);
      String alias = onlyKey(file, store);
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate each : store.getCertificateChain(alias)) {
        chain.add((X509Certificate) each);
      }
      PrivateKey key = (PrivateKey) store.getKey(alias, password);
      checkPair(file, file, key, chain.get(0).getPublicKey());
      return ServerCertificate.of(chain, key);
    } catch (IOException | GeneralSecurityException e) {
      throw new BadCertificateException(
          file
              + (isWrongPassword(e)
                  ? ": the password does not open it"
                  : ": is no PKCS#12 file that Java can read: " + e.getMessage()),
          e);
    }
  }

  private static String onlyKey(Path file, KeyStore store)
      throws GeneralSecurityException, BadCertificateException {
    List<String> keys = new ArrayList<>();
    for (String alias : Collections.list(store.aliases())) {
      if (store.isKeyEntry(alias)) {
        keys.add(alias);
      }
    }
    if (keys.size() != 1) {
      throw new BadCertificateException(
          "%s: holds %d keys with certificates; expected one".formatted(file, keys.size()));
    }
    return keys.get(0);
  }

  private static char[] password(@Nullable String text) {
    return text == null ? new char[0] : text.toCharArray();
  }

  private static boolean isWrongPassword(Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof UnrecoverableKeyException) {
        return true;
      }
    }
    return false;
  }

  private static void checkOrder(Path file, List<X509Certificate> chain)
      throws BadCertificateException {
    for (int i = 0; i + 1 < chain.size(); i++) {
      X509Certificate issued = chain.get(i);
      X509Certificate issuer = chain.get(i + 1);
      if (!issued.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
        throw new BadCertificateException(
            ("%s: out of order, certificate %d (%s) did not issue certificate %d (%s); put the"
                    + " server's own first and after each one its issuer")
                .formatted(
                    file,
                    i + 2,
                    issuer.getSubjectX500Principal(),
                    i + 1,
                    issued.getSubjectX500Principal()));
      }
    }
  }

  /** What the key signs, the certificate must be able to verify. */
  private static void checkPair(Path keyFile, Path certFile, PrivateKey key, PublicKey owner)
      throws BadCertificateException {
    if (!KeyPairs.match(key, owner)) {
      throw new BadCertificateException(
          "%s: the key does not belong to the first certificate of %s"
              .formatted(keyFile, certFile));
    }
  }
}
