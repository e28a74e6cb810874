package io.sluice.identity;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the hops that proxies reported, leftmost first. Several field lines are one list (RFC 9110,
 * section 5.3); empty members do not count (section 5.6.1). A hop that names no address is kept as
 * text that is none, so that a walk ends there.
 */
final class ForwardedHops {

  private static final String FOR = "for=";
  private static final String UNREADABLE = "unknown";
  private static final int LONGEST_PORT = 5;

  private ForwardedHops() {}

  /** Returns the hops of X-Forwarded-For: addresses separated by commas. */
  static List<String> ofForwardedFor(List<String> lines) {
    List<String> hops = new ArrayList<>(4);
    for (String line : lines) {
      for (String member : line.split(",", -1)) {
        String hop = member.strip();
        if (!hop.isEmpty()) {
          hops.add(unquoted(hop));
        }
      }
    }
    return hops;
  }

  /**
   * Returns the {@code for} parameters of Forwarded (RFC 7239, section 4). A quotation mark left
   * open makes the rest one unreadable hop: a client cannot hide what a proxy appended.
   */
  static List<String> ofForwarded(List<String> lines) {
    List<String> hops = new ArrayList<>(4);
    for (String element : split(String.join(",", lines), ',')) {
      if (!element.isBlank()) {
        hops.add(forParameter(element));
      }
    }
    return hops;
  }

  /** Returns the hop less its port: {@code 192.0.2.1:80}, {@code [2001:db8::1]:80}. */
  static String withoutPort(String hop) {
    int bracket = hop.lastIndexOf(']');
    int colon = hop.indexOf(':', Math.max(bracket, 0));
    boolean bareV6 = bracket < 0 && colon >= 0 && hop.indexOf(':', colon + 1) >= 0;
    if (colon < 0 || bareV6) {
      return hop;
    }
    return isPort(hop, colon + 1) ? hop.substring(0, colon) : UNREADABLE;
  }

  private static boolean isPort(String hop, int start) {
    int length = hop.length() - start;
    return length >= 1
        && length <= LONGEST_PORT
        && hop.chars().skip(start).allMatch(c -> c >= '0' && c <= '9');
  }

  private static String forParameter(String element) {
    for (String pair : split(element, ';')) {
      String parameter = pair.strip();
      if (parameter.regionMatches(true, 0, FOR, 0, FOR.length())) {
        return unquoted(parameter.substring(FOR.length()));
      }
    }
    return UNREADABLE;
  }

  /** Splits at a separator outside quotation marks. */
  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>(4);
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (quoted && c == '\\') {
        i++;
      } else if (!quoted && c == separator) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  private static String unquoted(String text) {
    int end = text.length() - 1;
    boolean quoted = end >= 1 && text.charAt(0) == '"' && text.charAt(end) == '"';
    return quoted ? text.substring(1, end) : text;
  }
}
