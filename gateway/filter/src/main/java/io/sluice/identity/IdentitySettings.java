package io.sluice.identity;

import io.sluice.request.Cidr;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How callers are told apart.
 *
 * @param trustedProxies peers whose forwarded and identity fields are believed; nobody by default
 * @param userHeader field in which they name the user
 * @param rolesHeader field in which they list roles, separated by commas
 * @param apiKeyHeader field in which callers present an API key
 * @param apiKeys the keys known
 * @param ipv6Prefix leading bits of an IPv6 address that count as one caller; 32 to 128
 * @param secret key of the digest that stands for callers in Redis; null for an unkeyed one
 */
public record IdentitySettings(
    List<Cidr> trustedProxies,
    String userHeader,
    String rolesHeader,
    String apiKeyHeader,
    List<ApiKey> apiKeys,
    int ipv6Prefix,
    @Nullable String secret) {

  public IdentitySettings {
    trustedProxies = List.copyOf(trustedProxies);
    apiKeys = List.copyOf(apiKeys);
    if (ipv6Prefix < 32 || ipv6Prefix > 128) {
      throw new IllegalArgumentException("ipv6-prefix must be 32 to 128: " + ipv6Prefix);
    }
  }

  /** Leaves the secret out. */
  @Override
  public String toString() {
    return "IdentitySettings[trustedProxies=%s, apiKeys=%s]".formatted(trustedProxies, apiKeys);
  }
}
