package io.sluice.limit;

import static java.util.Objects.requireNonNull;

import io.sluice.identity.Identity;
import io.sluice.request.IpAddress;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Callers as short as tests want them. */
public final class Callers {

  private Callers() {}

  /** A caller known by address alone. */
  public static Identity at(String address) {
    return caller(address, null, null, Set.of());
  }

  /** A user at the address 192.0.2.1. */
  public static Identity user(String user, String... roles) {
    return caller("192.0.2.1", user, null, Set.of(roles));
  }

  /** A caller with any of address, user, key and roles. */
  public static Identity caller(
      String address, @Nullable String user, @Nullable String apiKey, Set<String> roles) {
    return new Identity(
        requireNonNull(IpAddress.parse(address)), address, user, apiKey, roles, Map.of(), false);
  }
}
