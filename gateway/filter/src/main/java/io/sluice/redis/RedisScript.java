package io.sluice.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A Lua script and the digest by which Redis knows it. Immutable. */
public final class RedisScript {

  private final String text;
  private final String digest;
  private final byte[] digestBytes;

  public RedisScript(String text) {
    this.text = text;
    try {
      byte[] sha1 =
          MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
      this.digest = HexFormat.of().formatHex(sha1);
      this.digestBytes = digest.getBytes(StandardCharsets.US_ASCII);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** Returns the script's text. */
  public String text() {
    return text;
  }

  /** Returns the SHA-1 of the text in lower-case hex, as EVALSHA takes it. */
  public String digest() {
    return digest;
  }

  /** Returns the digest as it is sent; not to be changed. */
  byte[] digestBytes() {
    return digestBytes;
  }
}
