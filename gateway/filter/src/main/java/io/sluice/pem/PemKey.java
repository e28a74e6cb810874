package io.sluice.pem;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Reads private keys. Java reads PKCS#8 only; the older forms PKCS#1 (RFC 8017) and SEC1 (RFC 5915)
 * are the same octets without the wrapping that names their algorithm, and that name is taken from
 * the certificate that the key belongs to.
 */
public final class PemKey {

  private static final byte[] VERSION_0 = {2, 1, 0};
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 4;

  private PemKey() {}

  /** Returns the one private key of a file, which is expected to belong to the public key. */
  public static PrivateKey read(Path file, byte[] content, @Nullable String password, PublicKey owner)
      throws BadCertificateException {
    List<PemBlock> keys =
        PemBlock.blocks(file, content).stream()
            .filter(block -> block.label().endsWith("PRIVATE KEY"))
            .toList();
    if (keys.size() != 1) {
      throw new BadCertificateException(
          "%s: holds %s private keys; expected one, as PEM text with -----BEGIN PRIVATE KEY-----"
              .formatted(file, keys.isEmpty() ? "no" : Integer.toString(keys.size())));
    }
    PemBlock key = keys.get(0);
    if (key.isEncryptedBody()) {
      throw new BadCertificateException(
          file
              + ": the key is encrypted in an outdated way; convert it with"
              + " openssl pkcs8 -topk8 -in OLD -out NEW");
    }
    try {
      return decoded(pkcs8(file, key, password, owner), owner);
    } catch (GeneralSecurityException e) {
      throw new BadCertificateException(
          "%s: the key cannot be read, or is of another kind than the certificate's (%s)"
              .formatted(file, owner.getAlgorithm()),
          e);
    }
  }

  private static byte[] pkcs8(Path file, PemBlock key, @Nullable String password, PublicKey owner)
      throws BadCertificateException {
    return switch (key.label()) {
      case "PRIVATE KEY" -> key.der();
      case "ENCRYPTED PRIVATE KEY" -> decrypted(file, key.der(), password);
      case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> wrapped(key.der(), owner);
      default ->
          throw new BadCertificateException(
              "%s: keys of the kind %s cannot be read; convert it with openssl pkcs8 -topk8 -nocrypt"
                  .formatted(file, key.label()));
    };
  }

  private static PrivateKey decoded(byte[] pkcs8, PublicKey owner) throws GeneralSecurityException {
    return KeyFactory.getInstance(owner.getAlgorithm())
        .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  private static byte[] decrypted(Path file, byte[] der, @Nullable String password)
      throws BadCertificateException {
    if (password == null) {
      throw new BadCertificateException(file + ": the key is encrypted; set key-password");
    }
    PBEKeySpec secret = new PBEKeySpec(password.toCharArray());
    try {
      EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
      AlgorithmParameters parameters = info.getAlgParameters();
      // With PBES2 (RFC 8018) the parameters alone know which ciphers it is made of.
      String algorithm = parameters == null ? info.getAlgName() : parameters.toString();
      if (!algorithm.startsWith("PBE")) {
        algorithm = info.getAlgName();
      }
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(secret),
          parameters);
      return info.getKeySpec(cipher).getEncoded();
    } catch (InvalidKeyException | InvalidKeySpecException e) {
      throw new BadCertificateException(file + ": key-password does not open the key", e);
    } catch (GeneralSecurityException | IOException e) {
      throw new BadCertificateException(
          "%s: the key is encrypted in a way that Java cannot read (%s); convert it with %s"
              .formatted(file, e.getMessage(), "openssl pkcs8 -topk8 -v2 aes-256-cbc"),
          e);
    } finally {
      secret.clearPassword();
    }
  }

  /** Wraps a bare key: PrivateKeyInfo of RFC 5208, with the algorithm of the public key. */
  private static byte[] wrapped(byte[] bare, PublicKey owner) {
    byte[] info = owner.getEncoded();
    int start = contentOffset(info, 0);
    int end = contentOffset(info, start) + contentLength(info, start);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(VERSION_0);
    content.write(info, start, end - start);
    content.writeBytes(tagged(OCTET_STRING, bare));
    return tagged(SEQUENCE, content.toByteArray());
  }

  private static byte[] tagged(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.length;
    if (length < 0x80) {
      out.write(length);
    } else {
      int octets = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
      out.write(0x80 | octets);
      for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
        out.write(length >> shift);
      }
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  /** Returns where the content of the element at an offset begins. */
  private static int contentOffset(byte[] der, int element) {
    int length = der[element + 1] & 0xff;
    return element + 2 + (length < 0x80 ? 0 : length & 0x7f);
  }

  private static int contentLength(byte[] der, int element) {
    int first = der[element + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7f); i++) {
      length = (length << 8) | (der[element + 2 + i] & 0xff);
    }
    return length;
  }
}
