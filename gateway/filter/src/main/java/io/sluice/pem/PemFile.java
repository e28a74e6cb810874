package io.sluice.pem;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** The certificates and keys that a file holds as PEM text (RFC 7468). Immutable. */
public final class PemFile {

  private final Path file;
  private final List<PemBlock> blocks;

  private PemFile(Path file, List<PemBlock> blocks) {
    this.file = file;
    this.blocks = blocks;
  }

  /**
   * Reads a file as it is now.
   *
   * @throws BadCertificateException when it cannot be read, or part of it is damaged
   */
  public static PemFile read(Path file) throws BadCertificateException {
    return of(file, SmallFile.content(file));
  }

  /**
   * Looks into what has been read from a file already.
   *
   * @throws BadCertificateException when part of it is damaged
   */
  public static PemFile of(Path file, byte[] content) throws BadCertificateException {
    return new PemFile(file, PemBlock.blocks(file, content));
  }

  /**
   * Returns the certificates in their order.
   *
   * @throws BadCertificateException when there is none, or one cannot be read
   */
  public List<X509Certificate> certificates() throws BadCertificateException {
    List<X509Certificate> found = new ArrayList<>();
    for (PemBlock block : blocks) {
      if (block.label().equals("CERTIFICATE")) {
        found.add(block.certificate(file, found.size() + 1));
      }
    }
    if (found.isEmpty()) {
      throw new BadCertificateException(
          file
              + ": holds no certificate; expected PEM text with -----BEGIN CERTIFICATE-----"
              + " (a binary one: openssl x509 -inform der -in FILE)");
    }
    return found;
  }

  /**
   * Returns the only private key.
   *
   * @throws BadCertificateException when there is none, or there are several
   */
  public PemKey key() throws BadCertificateException {
    List<PemBlock> keys =
        blocks.stream().filter(block -> block.label().endsWith("PRIVATE KEY")).toList();
    if (keys.size() != 1) {
      throw new BadCertificateException(
          "%s: holds %s private keys; expected one, as PEM text with -----BEGIN PRIVATE KEY-----"
              .formatted(file, keys.isEmpty() ? "no" : Integer.toString(keys.size())));
    }
    return new PemKey(file, keys.get(0));
  }
}
