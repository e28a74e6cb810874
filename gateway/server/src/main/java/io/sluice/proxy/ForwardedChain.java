package io.sluice.proxy;

import io.sluice.identity.Identity;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Tells the upstream where a request came from: X-Forwarded-For, -Proto, -Host, -Port, and
 * Forwarded of RFC 7239.
 *
 * <p>What a trusted proxy said is kept and the proxy itself appended; anybody else's chain starts
 * anew at the peer.
 */
final class ForwardedChain {

  private final @Nullable InetAddress peer;
  private final String scheme;
  private final int port;
  private final @Nullable String host;

  /**
   * @param peer address of the transport peer; null when it is not an IP address
   * @param scheme scheme of the request as received
   * @param port port it was received for
   * @param host the client's Host; null when it named none
   */
  ForwardedChain(@Nullable InetAddress peer, String scheme, int port, @Nullable String host) {
    this.peer = peer;
    this.scheme = scheme;
    this.port = port;
    this.host = host;
  }

  /** Adds the chain to the fields of a request, from which received ones have been left out. */
  void write(HttpFields received, HttpFields.Mutable out, @Nullable Identity identity) {
    String before = identity == null ? null : addressBefore(identity);
    boolean trusted = identity != null && identity.peerTrusted();
    List<String> addresses = kept(trusted, received, "X-Forwarded-For");
    List<String> elements = kept(trusted, received, "Forwarded");
    if (before != null && addresses.isEmpty()) {
      addresses.add(before);
    }
    if (before != null && elements.isEmpty()) {
      elements.add("for=" + node(before));
    }
    if (peer != null) {
      addresses.add(text(peer));
      out.add("X-Forwarded-For", String.join(", ", addresses));
    }
    elements.add(element());
    out.add(HttpHeader.FORWARDED, String.join(", ", elements));
    addOnce(trusted, received, out, "X-Forwarded-Proto", scheme);
    addOnce(trusted, received, out, "X-Forwarded-Port", Integer.toString(port));
    if (host != null) {
      addOnce(trusted, received, out, "X-Forwarded-Host", host);
    }
  }

  /** Returns the client that a trusted peer speaks for; null when the peer speaks for itself. */
  private @Nullable String addressBefore(Identity identity) {
    boolean itself = !identity.peerTrusted() || identity.address().equals(peer);
    return itself ? null : text(identity.address());
  }

  private String element() {
    StringBuilder element = new StringBuilder(64).append("for=");
    element.append(peer == null ? "unknown" : node(text(peer)));
    if (host != null) {
      element.append(";host=").append(quoted(host));
    }
    return element.append(";proto=").append(scheme).toString();
  }

  private static List<String> kept(boolean trusted, HttpFields received, String name) {
    return trusted ? new ArrayList<>(received.getValuesList(name)) : new ArrayList<>(2);
  }

  private static void addOnce(
      boolean trusted, HttpFields received, HttpFields.Mutable out, String name, String value) {
    String kept = trusted ? received.get(name) : null;
    out.add(name, kept == null ? value : kept);
  }

  private static String node(String address) {
    return address.indexOf(':') < 0 ? address : "\"[" + address + "]\"";
  }

  /** Writes a token bare and anything else as a quoted string (RFC 7230, section 3.2.6). */
  private static String quoted(String value) {
    if (!value.isEmpty() && value.chars().allMatch(ForwardedChain::isTokenCharacter)) {
      return value;
    }
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static boolean isTokenCharacter(int c) {
    return c < 0x7f && (Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
  }

  /** Writes an address in its shortest form (RFC 5952, section 4). */
  static String text(InetAddress address) {
    return address instanceof Inet6Address ? shortened(address.getAddress()) : plain(address);
  }

  private static String plain(InetAddress address) {
    return address.getHostAddress();
  }

  private static String shortened(byte[] octets) {
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (octets[2 * i] & 0xff) << 8 | (octets[2 * i + 1] & 0xff);
    }
    int[] zeros = longestZeros(groups);
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == zeros[0]) {
        text.append("::");
        i += zeros[1] - 1;
      } else {
        if (i > 0 && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]).toLowerCase(Locale.ROOT));
      }
    }
    return text.toString();
  }

  /** Returns start and length of the first longest run of two or more zero groups; -1 if none. */
  private static int[] longestZeros(int[] groups) {
    int[] best = {-1, 1};
    for (int i = 0; i < groups.length; i++) {
      int end = i;
      while (end < groups.length && groups[end] == 0) {
        end++;
      }
      if (end - i > best[1]) {
        best = new int[] {i, end - i};
      }
      i = Math.max(i, end);
    }
    return best;
  }
}
