package io.sluice.pem;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAKey;

/** Tells whether two keys are a pair. */
public final class KeyPairs {

  private static final byte[] PROBE = {1, 2, 3, 4};

  private KeyPairs() {}

  /** Returns whether what the private key signs is verified with the public key. */
  public static boolean match(PrivateKey own, PublicKey owner) {
    if (own instanceof RSAKey ours && owner instanceof RSAKey theirs) {
      return ours.getModulus().equals(theirs.getModulus());
    }
    try {
      Signature signature =
          Signature.getInstance(
              owner.getAlgorithm().equals("EC") ? "SHA256withECDSA" : owner.getAlgorithm());
      signature.initSign(own);
      signature.update(PROBE);
      byte[] signed = signature.sign();
      signature.initVerify(owner);
      signature.update(PROBE);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // Java signs with no such key, or it is of another kind.
    }
  }
}
