package io.sluice.limit;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Turns who is counted into 22 characters, so that neither names nor addresses stand in Redis and
 * no caller chooses how long a key is.
 *
 * <p>HMAC-SHA-256 under a secret shared by all gateways (RFC 2104), or plain SHA-256 without one;
 * the first 128 bits, base64url. With 128 bits, two of a billion callers share a bucket with a
 * probability below 10^-20. Thread-safe.
 */
public final class CallerDigest {

  private static final int OCTETS = 16;
  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final ThreadLocal<Digest> digests;

  private interface Digest {
    byte[] of(byte[] octets);
  }

  /**
   * Creates a digest; all gateways of one Redis need the same secret, or the same lack of one.
   *
   * @throws IllegalArgumentException when the secret is empty
   */
  public CallerDigest(@Nullable String secret) {
    if (secret != null && secret.isEmpty()) {
      throw new IllegalArgumentException("the secret for caller digests is empty");
    }
    this.digests = ThreadLocal.withInitial(() -> secret == null ? plain() : keyed(secret));
  }

  /** Returns the digest of a caller's description. */
  public String of(String caller) {
    byte[] whole = digests.get().of(caller.getBytes(StandardCharsets.UTF_8));
    return BASE64.encodeToString(Arrays.copyOf(whole, OCTETS));
  }

  private static Digest plain() {
    try {
      return MessageDigest.getInstance("SHA-256")::digest;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static Digest keyed(String secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return mac::doFinal;
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }
}
