package io.sluice.redis;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads certificates and keys (RFC 7468) ahead of a handshake, which would only say that it failed.
 * Messages of its exceptions begin with the file's name and end with the remedy.
 */
public final class PemFiles {

  private static final long LARGEST = 1 << 20;
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----([^-]*)-----END ");
  private static final byte[] PROBE = {1, 2, 3, 4};

  private PemFiles() {}

  /** Returns the certificates of a file, at least one, the owner's first. */
  public static List<X509Certificate> certificates(Path file) throws IOException {
    byte[] content = content(file);
    if (!new String(content, StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE-----")) {
      throw new IOException(
          file + ": holds no certificate; expected PEM text with -----BEGIN CERTIFICATE-----");
    }
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(content))
          .stream()
          .map(X509Certificate.class::cast)
          .toList();
    } catch (CertificateException e) {
      throw new IOException(file + ": a certificate is damaged; copy the file again", e);
    }
  }

  /** Makes sure that a file holds the key of the first certificate in another file. */
  public static void key(Path file, Path certificate) throws IOException {
    Matcher block = KEY.matcher(new String(content(file), StandardCharsets.ISO_8859_1));
    if (!block.find()) {
      throw new IOException(
          file + ": holds no private key; expected PEM text with -----BEGIN PRIVATE KEY-----");
    }
    if (!block.group(1).equals("PRIVATE KEY")) {
      throw new IOException(
          file + ": is a key of another form; convert it: openssl pkcs8 -topk8 -nocrypt -in OLD");
    }
    if (!belongs(certificates(certificate).get(0).getPublicKey(), block.group(2))) {
      throw new IOException(file + ": is not the key of the certificate in " + certificate);
    }
  }

  private static boolean belongs(PublicKey owner, String base64) {
    try {
      byte[] der = Base64.getMimeDecoder().decode(base64);
      PrivateKey own =
          KeyFactory.getInstance(owner.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(der));
      Signature signature = Signature.getInstance(signatureOf(owner.getAlgorithm()));
      signature.initSign(own);
      signature.update(PROBE);
      byte[] signed = signature.sign();
      signature.initVerify(owner);
      signature.update(PROBE);
      return signature.verify(signed);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false; // Of another kind than the certificate's, or damaged.
    }
  }

  private static String signatureOf(String algorithm) {
    return switch (algorithm) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> algorithm;
    };
  }

  private static byte[] content(Path file) throws IOException {
    try {
      if (Files.size(file) <= LARGEST) {
        return Files.readAllBytes(file);
      }
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new IOException(
          file + ": cannot be read; the gateway's user needs the right to read it", e);
    }
    throw new IOException(file + ": is too large for certificates or a key");
  }
}
