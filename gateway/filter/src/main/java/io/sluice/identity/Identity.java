package io.sluice.identity;

import java.net.InetAddress;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is calling. Everything but the address is present only where it was proven: by a trusted
 * proxy's header or by an API key.
 *
 * @param address the client's address, found behind trusted proxies
 * @param network what limits by address count: the IPv4 address, or the IPv6 network it lies in
 * @param user the user, or null when unknown
 * @param apiKey the id of the API key presented, never the key; null when none was
 * @param roles the caller's roles
 * @param claims the claims of a verified token, by name; empty until a token source is configured
 * @param peerTrusted whether the transport peer is a trusted proxy, so that its forwarded and
 *     identity fields may go on to the upstream
 */
public record Identity(
    InetAddress address,
    String network,
    @Nullable String user,
    @Nullable String apiKey,
    Set<String> roles,
    Map<String, String> claims,
    boolean peerTrusted) {

  public Identity {
    roles = Set.copyOf(roles);
    claims = Map.copyOf(claims);
  }
}
