package io.sluice.request;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Reads and writes IP literals without ever asking a name server. */
public final class IpAddress {

  private static final int LONGEST = 45;
  private static final int GROUPS = 8;

  private IpAddress() {}

  /**
   * Reads an IPv4 or IPv6 literal. Brackets and an IPv6 zone are dropped; an IPv4-mapped IPv6
   * address becomes IPv4. Numbers with leading zeros are refused, because some read them as octal
   * (RFC 6943, section 3.1.1).
   *
   * @return the address, or null when the text is no such literal
   */
  public static @Nullable InetAddress parse(String text) {
    String bare = bare(text);
    if (bare.isEmpty() || bare.length() > LONGEST) {
      return null;
    }
    try {
      if (bare.indexOf(':') < 0) {
        byte @Nullable [] octets = v4(bare);
        return octets == null ? null : InetAddress.getByAddress(octets);
      }
      return isV6Alphabet(bare) ? InetAddress.getByName(bare) : null;
    } catch (UnknownHostException e) {
      return null;
    }
  }

  /** Returns the first {@code prefix} bits of the address, the rest zero. */
  public static InetAddress mask(InetAddress address, int prefix) {
    byte[] octets = address.getAddress();
    for (int i = 0; i < octets.length; i++) {
      int bits = Math.max(0, Math.min(8, prefix - i * 8));
      octets[i] &= (byte) (0xff << (8 - bits));
    }
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four or sixteen octets are an address", e);
    }
  }

  /** Returns the one text form of the address (RFC 5952, section 4), without zone. */
  public static String text(InetAddress address) {
    byte[] octets = address.getAddress();
    return octets.length == 4 ? address.getHostAddress() : v6Text(octets);
  }

  private static String v6Text(byte[] octets) {
    int zeros = longestZeros(octets);
    StringBuilder out = new StringBuilder(39);
    int i = 0;
    while (i < GROUPS) {
      if (i == zeros) {
        out.append("::");
        while (i < GROUPS && group(octets, i) == 0) {
          i++;
        }
      } else {
        if (i > 0 && out.charAt(out.length() - 1) != ':') {
          out.append(':');
        }
        out.append(Integer.toHexString(group(octets, i)));
        i++;
      }
    }
    return out.toString();
  }

  /** Returns where the first of the longest runs of two or more zero groups begins, or -1. */
  private static int longestZeros(byte[] octets) {
    int best = -1;
    int longest = 1;
    int run = 0;
    for (int i = 0; i < GROUPS; i++) {
      run = group(octets, i) == 0 ? run + 1 : 0;
      if (run > longest) {
        longest = run;
        best = i - run + 1;
      }
    }
    return best;
  }

  private static int group(byte[] octets, int i) {
    return (octets[2 * i] & 0xff) << 8 | (octets[2 * i + 1] & 0xff);
  }

  private static String bare(String text) {
    String bare = text.strip();
    if (bare.startsWith("[") && bare.endsWith("]")) {
      bare = bare.substring(1, bare.length() - 1);
    }
    int zone = bare.indexOf('%');
    return zone < 0 ? bare : bare.substring(0, zone);
  }

  private static byte @Nullable [] v4(String text) {
    byte[] octets = new byte[4];
    int start = 0;
    for (int i = 0; i < 4; i++) {
      int dot = text.indexOf('.', start);
      if ((dot < 0) != (i == 3)) {
        return null;
      }
      int end = dot < 0 ? text.length() : dot;
      int octet = decimal(text, start, end);
      if (octet < 0) {
        return null;
      }
      octets[i] = (byte) octet;
      start = end + 1;
    }
    return octets;
  }

  private static int decimal(String text, int start, int end) {
    int length = end - start;
    if (length < 1 || length > 3 || (length > 1 && text.charAt(start) == '0')) {
      return -1;
    }
    int value = 0;
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value <= 255 ? value : -1;
  }

  /**
   * With a colon, only these characters, and a hex digit or colon first, the platform takes the
   * text for a literal; anything else it may look up as a name.
   */
  private static boolean isV6Alphabet(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!HexFormat.isHexDigit(c) && c != ':' && (c != '.' || i == 0)) {
        return false;
      }
    }
    return true;
  }
}
