package io.sluice.config;

import io.sluice.identity.ApiKey;
import io.sluice.identity.IdentitySettings;
import io.sluice.request.PathRules;

/**
 * What policies are read against: how paths are read, and what can be known of a caller at all.
 *
 * @param paths how request paths are read, and so patterns
 * @param users whether anything can name a user
 * @param roles whether anything can name roles
 * @param apiKeys whether any API key is known
 */
public record ReadingContext(PathRules paths, boolean users, boolean roles, boolean apiKeys) {

  /** Returns the context that settings make. */
  public static ReadingContext of(EngineConfig config) {
    IdentitySettings identity = config.identity();
    boolean proxies = !identity.trustedProxies().isEmpty();
    boolean users = false;
    boolean roles = false;
    for (ApiKey key : identity.apiKeys()) {
      users |= key.user() != null;
      roles |= !key.roles().isEmpty();
    }
    return new ReadingContext(
        config.paths(), proxies || users, proxies || roles, !identity.apiKeys().isEmpty());
  }
}
