package io.sluice.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The API keys known. What a caller presents is digested, and the digest compared with every known
 * one in constant time, so neither the time taken nor a log tells how near a guess was. Costs one
 * SHA-256 and one comparison of 32 octets for each known key. Immutable and thread-safe.
 */
public final class ApiKeys {

  private static final int LONGEST = 1024;

  private final List<ApiKey> keys;
  private final byte[][] digests;

  /** Creates the set of keys. */
  public ApiKeys(List<ApiKey> keys) {
    this.keys = List.copyOf(keys);
    this.digests = this.keys.stream().map(ApiKey::sha256).toArray(byte[][]::new);
  }

  /** Returns the key whose digest is that of the text presented, or null when none is. */
  public @Nullable ApiKey find(String presented) {
    if (digests.length == 0 || presented.isEmpty() || presented.length() > LONGEST) {
      return null;
    }
    byte[] digest = sha256(presented);
    int found = -1;
    for (int i = 0; i < digests.length; i++) {
      if (MessageDigest.isEqual(digests[i], digest)) {
        found = i;
      }
    }
    return found < 0 ? null : keys.get(found);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
