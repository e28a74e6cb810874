package io.sluice.admin;

import org.jspecify.annotations.Nullable;

/**
 * Where operators reach the gateway, and how they prove who they are.
 *
 * @param enabled whether there is an admin listener at all
 * @param host address to listen on; loopback unless a token is set
 * @param port 0 to 65535; 0 takes a free one
 * @param token the bearer token that {@code /admin/} asks for; null serves loopback only
 */
public record AdminSettings(boolean enabled, String host, int port, @Nullable String token) {

  public AdminSettings {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("admin.port must be 0 to 65535: " + port);
    }
    if (token != null && token.isBlank()) {
      throw new IllegalArgumentException("admin.token must not be blank");
    }
  }

  /** Leaves the token out. */
  @Override
  public String toString() {
    return "AdminSettings[enabled=%s, %s:%d, token=%s]"
        .formatted(enabled, host, port, token == null ? "none" : "set");
  }
}
