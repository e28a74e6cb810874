package io.sluice.proxy;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What the request line names: the canonical path, and the query byte for byte as the client sent
 * it, except that octets which must not stand in a query are percent-encoded (RFC 3986, section
 * 3.4).
 */
record RequestTarget(String path, @Nullable String query) {

  private static final String HEX = "0123456789ABCDEF";
  private static final boolean[] LEGAL = legal();

  static RequestTarget of(String path, @Nullable String rawQuery) {
    return new RequestTarget(path, rawQuery == null ? null : encode(rawQuery));
  }

  /** Returns the target as it stands in a request line. */
  String text() {
    return query == null ? path : path + '?' + query;
  }

  private static String encode(String query) {
    for (int i = 0; i < query.length(); i++) {
      if (!isLegalAt(query, i)) {
        return encodeFrom(query, i);
      }
    }
    return query;
  }

  private static String encodeFrom(String query, int first) {
    StringBuilder out = new StringBuilder(query.length() + 16).append(query, 0, first);
    for (int i = first; i < query.length(); ) {
      if (isLegalAt(query, i)) {
        out.append(query.charAt(i++));
        continue;
      }
      int length = Character.charCount(query.codePointAt(i));
      for (byte octet : query.substring(i, i + length).getBytes(StandardCharsets.UTF_8)) {
        out.append('%').append(HEX.charAt(octet >> 4 & 15)).append(HEX.charAt(octet & 15));
      }
      i += length;
    }
    return out.toString();
  }

  private static boolean isLegalAt(String query, int i) {
    char c = query.charAt(i);
    return c == '%' ? isHexAt(query, i + 1) && isHexAt(query, i + 2) : c < 0x80 && LEGAL[c];
  }

  private static boolean isHexAt(String query, int i) {
    return i < query.length()
        && query.charAt(i) < 0x80
        && Character.digit(query.charAt(i), 16) >= 0;
  }

  private static boolean[] legal() {
    boolean[] legal = new boolean[0x80];
    for (char c = 0; c < legal.length; c++) {
      legal[c] = Character.isLetterOrDigit(c) || "-._~!$&'()*+,;=:@/?".indexOf(c) >= 0;
    }
    return legal;
  }
}
