package io.sluice.identity;

import io.sluice.request.IpAddress;
import io.sluice.request.RequestView;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Identifies callers by what the request itself proves: user and roles named by a trusted proxy, or
 * a known API key. Asks nobody, so it completes at once; a resolver that has to ask, for tokens or
 * sessions, takes its place behind {@link IdentityResolver} and may complete later.
 *
 * <p>Where a trusted proxy and the key both name a user, the proxy's counts: the key says which
 * program calls, the proxy for whom. Roles of both add up. A user field that occurs more than once,
 * is blank, or is longer than 256 characters is not believed, and neither are the roles beside it;
 * an unknown key is no identity. In each case the address counts. Thread-safe.
 */
public final class HeaderIdentityResolver implements IdentityResolver {

  private static final int LONGEST_VALUE = 256;
  private static final int MOST_ROLES = 64;

  private final IdentitySettings settings;
  private final ClientAddress addresses;
  private final ApiKeys keys;

  /** Creates a resolver. */
  public HeaderIdentityResolver(IdentitySettings settings) {
    this.settings = settings;
    this.addresses = new ClientAddress(settings.trustedProxies());
    this.keys = new ApiKeys(settings.apiKeys());
  }

  @Override
  public CompletionStage<Identity> resolve(RequestView request) {
    return CompletableFuture.completedFuture(identify(request));
  }

  private Identity identify(RequestView request) {
    InetAddress peer = addresses.peer(request);
    InetAddress address = addresses.of(request, peer);
    boolean trusted = addresses.trusts(peer);
    ApiKey key = key(request);
    String user = key == null ? null : key.user();
    Set<String> roles = key == null ? Set.of() : key.roles();
    if (trusted && isBelievable(request.headers(settings.userHeader()))) {
      String named = request.header(settings.userHeader());
      user = named == null ? user : named.strip();
      roles = union(roles, request.headers(settings.rolesHeader()));
    }
    return new Identity(
        address, network(address), user, key == null ? null : key.id(), roles, Map.of(), trusted);
  }

  private @Nullable ApiKey key(RequestView request) {
    List<String> presented = request.headers(settings.apiKeyHeader());
    return presented.size() == 1 ? keys.find(presented.get(0).strip()) : null;
  }

  /** An absent user is believable: a proxy may vouch for roles alone. */
  private static boolean isBelievable(List<String> users) {
    return users.isEmpty() || (users.size() == 1 && isValue(users.get(0).strip()));
  }

  private static boolean isValue(String text) {
    return !text.isEmpty() && text.length() <= LONGEST_VALUE;
  }

  private static Set<String> union(Set<String> roles, List<String> lines) {
    if (lines.isEmpty()) {
      return roles;
    }
    Set<String> all = new HashSet<>(roles);
    for (String line : lines) {
      for (String member : line.split(",", -1)) {
        String role = member.strip();
        if (isValue(role) && all.size() < MOST_ROLES) {
          all.add(role);
        }
      }
    }
    return all;
  }

  private String network(InetAddress address) {
    if (!(address instanceof Inet6Address)) {
      return IpAddress.text(address);
    }
    int prefix = settings.ipv6Prefix();
    return IpAddress.text(IpAddress.mask(address, prefix)) + "/" + prefix;
  }
}
