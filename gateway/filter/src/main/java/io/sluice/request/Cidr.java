package io.sluice.request;

import java.net.InetAddress;

/**
 * A block of addresses, for example {@code 10.0.0.0/8} or {@code 2001:db8::/32} (RFC 4632, RFC
 * 4291). Immutable and thread-safe.
 *
 * @param network any address of the block; kept as its first
 * @param prefix number of leading bits that members share; 0 to 32 or 128
 */
public record Cidr(InetAddress network, int prefix) {

  public Cidr {
    int bits = network.getAddress().length * 8;
    if (prefix < 0 || prefix > bits) {
      throw new IllegalArgumentException("prefix must be 0 to " + bits + ": " + prefix);
    }
    network = IpAddress.mask(network, prefix);
  }

  /**
   * Reads {@code address/prefix}, or a bare address as a block of one.
   *
   * @throws IllegalArgumentException when the text is neither; names are never resolved
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    InetAddress network = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
    if (network == null) {
      throw new IllegalArgumentException("not an IP address or block: " + text);
    }
    return new Cidr(
        network, slash < 0 ? network.getAddress().length * 8 : prefix(text.substring(slash + 1)));
  }

  /** Returns whether the address lies in this block; never across IPv4 and IPv6. */
  public boolean contains(InetAddress address) {
    byte[] mine = network.getAddress();
    byte[] other = address.getAddress();
    return mine.length == other.length && sharedBits(mine, other) >= prefix;
  }

  @Override
  public String toString() {
    return IpAddress.text(network) + "/" + prefix;
  }

  private static int prefix(String digits) {
    if (!digits.matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("not a prefix length: " + digits);
    }
    return Integer.parseInt(digits);
  }

  private static int sharedBits(byte[] a, byte[] b) {
    for (int i = 0; i < a.length; i++) {
      int difference = (a[i] ^ b[i]) & 0xff;
      if (difference != 0) {
        return i * 8 + Integer.numberOfLeadingZeros(difference) - 24;
      }
    }
    return a.length * 8;
  }
}
