package io.sluice.redis;

import org.jspecify.annotations.Nullable;

/**
 * As whom to log in.
 *
 * @param username ACL user, or null for the default user
 * @param password password, or null for no login at all
 */
public record RedisLogin(@Nullable String username, @Nullable String password) {

  /** No login. */
  public static final RedisLogin NONE = new RedisLogin(null, null);

  /** Leaves the password out. */
  @Override
  public String toString() {
    return password == null ? "no login" : username == null ? "default" : username;
  }
}
