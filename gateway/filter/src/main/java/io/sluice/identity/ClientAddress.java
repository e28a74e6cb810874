package io.sluice.identity;

import io.sluice.request.Cidr;
import io.sluice.request.IpAddress;
import io.sluice.request.RequestView;
import java.net.InetAddress;
import java.util.List;

/**
 * Finds the client's address behind trusted proxies.
 *
 * <p>The walk begins at the transport peer. As long as the address reached is a trusted proxy, the
 * next hop is the one that this proxy reported: the rightmost not yet read. It ends at the first
 * address that is not trusted, which is the client; or, where a hop cannot be read, is missing, or
 * is the twenty-first, at the trusted proxy reached last. Whatever stands further left was written
 * by somebody who need not be believed.
 *
 * <p>Hops are read from {@code X-Forwarded-For} where the request has one and from {@code
 * Forwarded} (RFC 7239) otherwise, never from both: nearly every proxy appends to the former, and
 * passes on a {@code Forwarded} that the client made up. A proxy that writes {@code Forwarded} has
 * to remove {@code X-Forwarded-For}. Names are never resolved. Immutable and thread-safe.
 */
final class ClientAddress {

  private static final int MOST_HOPS = 20;

  private final List<Cidr> trustedProxies;
  private final InetAddress unknown;

  ClientAddress(List<Cidr> trustedProxies) {
    this.trustedProxies = List.copyOf(trustedProxies);
    this.unknown = Cidr.parse("0.0.0.0").network();
  }

  /** Returns the address of the transport peer; 0.0.0.0 where it has none, as on a Unix socket. */
  InetAddress peer(RequestView request) {
    InetAddress peer = IpAddress.parse(request.peer());
    return peer == null ? unknown : peer;
  }

  /** Returns whether the address is a trusted proxy's. */
  boolean trusts(InetAddress address) {
    for (Cidr proxies : trustedProxies) {
      if (proxies.contains(address)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the address of the client that reached us through this peer. */
  InetAddress of(RequestView request, InetAddress peer) {
    if (!trusts(peer)) {
      return peer;
    }
    List<String> hops = hops(request);
    InetAddress reached = peer;
    int last = hops.size() - 1;
    for (int i = last; i >= 0 && i > last - MOST_HOPS && trusts(reached); i--) {
      InetAddress next = IpAddress.parse(ForwardedHops.withoutPort(hops.get(i)));
      if (next == null) {
        return reached;
      }
      reached = next;
    }
    return reached;
  }

  private static List<String> hops(RequestView request) {
    List<String> forwardedFor = request.headers("X-Forwarded-For");
    return forwardedFor.isEmpty()
        ? ForwardedHops.ofForwarded(request.headers("Forwarded"))
        : ForwardedHops.ofForwardedFor(forwardedFor);
  }
}
