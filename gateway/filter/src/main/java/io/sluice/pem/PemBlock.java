package io.sluice.pem;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One block of a textual encoding of keys and certificates (RFC 7468). Immutable. */
final class PemBlock {

  private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s");
  private static final Pattern HEADERS =
      Pattern.compile("\\A(?:[A-Za-z-]+: [^\\n]*\\n(?:[ \\t][^\\n]*\\n)*)+\\s*\\n");

  private final String label;
  private final boolean encryptedBody;
  private final byte[] der;

  private PemBlock(String label, boolean encryptedBody, byte[] der) {
    this.label = label;
    this.encryptedBody = encryptedBody;
    this.der = der;
  }

  /** Returns what it holds, for example {@code CERTIFICATE}. */
  String label() {
    return label;
  }

  /** Returns whether the block is encrypted as a whole, the way of old OpenSSL. */
  boolean isEncryptedBody() {
    return encryptedBody;
  }

  /** Returns the octets. */
  byte[] der() {
    return der.clone();
  }

  /**
   * Returns all blocks of a file in their order.
   *
   * @throws BadCertificateException when one of them is damaged, or cut off
   */
  static List<PemBlock> blocks(Path file, byte[] content) throws BadCertificateException {
    List<PemBlock> blocks = new ArrayList<>();
    String text = new String(content, StandardCharsets.ISO_8859_1).replace("\r\n", "\n");
    Matcher begin = BEGIN.matcher(text);
    int from = 0;
    while (begin.find(from)) {
      String label = begin.group(1);
      int end = text.indexOf("-----END " + label + "-----", begin.end());
      if (end < 0) {
        throw new BadCertificateException(
            "%s: the block %s is cut off, it has no end; copy the file again"
                .formatted(file, label));
      }
      blocks.add(block(file, label, text.substring(begin.end(), end)));
      from = end;
    }
    return blocks;
  }

  private static PemBlock block(Path file, String label, String body)
      throws BadCertificateException {
    String bare = HEADERS.matcher(body).replaceFirst("");
    try {
      byte[] der = Base64.getDecoder().decode(bare.replaceAll("\\s", ""));
      return new PemBlock(label, body.contains("ENCRYPTED"), der);
    } catch (IllegalArgumentException e) {
      throw new BadCertificateException(
          "%s: the block %s is damaged, its text is no base64; copy the file again"
              .formatted(file, label),
          e);
    }
  }

  /**
   * Returns the certificate that the block holds.
   *
   * @param number which one of its file it is, for people
   */
  X509Certificate certificate(Path file, int number) throws BadCertificateException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException e) {
      throw new BadCertificateException(
          "%s: certificate %d cannot be read (%s); copy the file again"
              .formatted(file, number, e.getMessage()),
          e);
    }
  }
}
