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
public final class PemBlock {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s(.*?)-----END \\1-----", Pattern.DOTALL);
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

  /** Returns all blocks of a file in their order. */
  static List<PemBlock> blocks(Path file, byte[] content) throws BadCertificateException {
    List<PemBlock> blocks = new ArrayList<>();
    String text = new String(content, StandardCharsets.ISO_8859_1).replace("\r\n", "\n");
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      String body = matcher.group(2);
      String bare = HEADERS.matcher(body).replaceFirst("");
      try {
        byte[] der = Base64.getDecoder().decode(bare.replaceAll("\\s", ""));
        blocks.add(new PemBlock(matcher.group(1), body.contains("ENCRYPTED"), der));
      } catch (IllegalArgumentException e) {
        throw new BadCertificateException(
            "%s: the block %s is damaged, its text is no base64; copy the file again"
                .formatted(file, matcher.group(1)),
            e);
      }
    }
    return blocks;
  }

  /** Returns the certificates of a file in their order; at least one. */
  public static List<X509Certificate> certificates(Path file, byte[] content)
      throws BadCertificateException {
    List<X509Certificate> found = new ArrayList<>();
    for (PemBlock block : blocks(file, content)) {
      if (block.label.equals("CERTIFICATE")) {
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

  private X509Certificate certificate(Path file, int number) throws BadCertificateException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException e) {
      throw new BadCertificateException(
          "%s: certificate %d cannot be read: %s".formatted(file, number, e.getMessage()), e);
    }
  }
}
