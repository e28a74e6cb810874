package io.sluice.tls;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files that hold a private key and its certificates. */
public sealed interface CertificateSource {

  /** Returns all files, to be watched for changes. */
  List<Path> files();

  /** Returns the file by which people know the certificate. */
  default Path file() {
    return files().get(0);
  }

  /**
   * Text files (RFC 7468).
   *
   * @param cert the server's own certificate first, then each one's issuer
   * @param key PKCS#8, encrypted or not, PKCS#1 or SEC1; may be the same file
   * @param password of an encrypted key; null when it is not encrypted
   */
  record PemFiles(Path cert, Path key, @Nullable String password) implements CertificateSource {

    @Override
    public List<Path> files() {
      return List.of(cert, key);
    }

    @Override
    public String toString() {
      return cert + ", " + key;
    }
  }

  /**
   * One binary file (RFC 7292).
   *
   * @param file holds one private key and its chain
   * @param password of file and key; null for none
   */
  record Pkcs12File(Path file, @Nullable String password) implements CertificateSource {

    @Override
    public List<Path> files() {
      return List.of(file);
    }

    @Override
    public String toString() {
      return file.toString();
    }
  }
}
