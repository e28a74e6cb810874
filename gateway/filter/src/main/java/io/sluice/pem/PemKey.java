package io.sluice.pem;

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
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** A private key as its file has it: PKCS#8, also encrypted, PKCS#1 or SEC1. Immutable. */
public final class PemKey {

  private static final String PKCS8 = "PRIVATE KEY";

  private final Path file;
  private final PemBlock block;

  PemKey(Path file, PemBlock block) {
    this.file = file;
    this.block = block;
  }

  /** Returns whether it is PKCS#8 and not encrypted, which every software reads. */
  public boolean isPlain() {
    return block.label().equals(PKCS8);
  }

  /**
   * Returns the key itself, which is expected to belong to the public key.
   *
   * @param password what it is encrypted with; null for none
   * @throws BadCertificateException when it cannot be read or decrypted, or is of another kind
   */
  public PrivateKey open(@Nullable String password, PublicKey owner)
      throws BadCertificateException {
    if (block.isEncryptedBody()) {
      throw new BadCertificateException(
          file
              + ": the key is encrypted in an outdated way; convert it with"
              + " openssl pkcs8 -topk8 -in OLD -out NEW");
    }
    byte[] pkcs8 = pkcs8(password, owner);
    try {
      return KeyFactory.getInstance(owner.getAlgorithm())
          .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (GeneralSecurityException e) {
      throw new BadCertificateException(
          "%s: the key cannot be read, or is of another kind than the certificate's (%s)"
              .formatted(file, owner.getAlgorithm()),
          e);
    }
  }

  private byte[] pkcs8(@Nullable String password, PublicKey owner) throws BadCertificateException {
    return switch (block.label()) {
      case PKCS8 -> block.der();
      case "ENCRYPTED PRIVATE KEY" -> decrypted(password);
      case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> BareKey.wrapped(block.der(), owner);
      default ->
          throw new BadCertificateException(
              "%s: keys of the kind %s cannot be read; convert it with openssl pkcs8 -topk8 -nocrypt"
                  .formatted(file, block.label()));
    };
  }

  private byte[] decrypted(@Nullable String password) throws BadCertificateException {
    if (password == null) {
      throw new BadCertificateException(file + ": the key is encrypted; set key-password");
    }
    PBEKeySpec secret = new PBEKeySpec(password.toCharArray());
    try {
      EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(block.der());
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
}
