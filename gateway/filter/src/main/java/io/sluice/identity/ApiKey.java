package io.sluice.identity;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One API key that callers may present.
 *
 * @param id names the key in limits and logs
 * @param sha256 SHA-256 of the key, 32 octets; the key itself is stored nowhere
 * @param user the user who calls with it, or null
 * @param roles roles that come with it
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content below
public record ApiKey(String id, byte[] sha256, @Nullable String user, Set<String> roles) {

  public ApiKey {
    sha256 = sha256.clone();
    roles = Set.copyOf(roles);
    if (sha256.length != 32) {
      throw new IllegalArgumentException("a SHA-256 has 32 octets: " + sha256.length);
    }
  }

  @Override
  public byte[] sha256() {
    return sha256.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ApiKey that
        && id.equals(that.id)
        && Arrays.equals(sha256, that.sha256)
        && Objects.equals(user, that.user)
        && roles.equals(that.roles);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  /** Shows no more than the beginning of the digest. */
  @Override
  public String toString() {
    return "ApiKey[%s, sha256=%s...]".formatted(id, HexFormat.of().formatHex(sha256, 0, 3));
  }
}
