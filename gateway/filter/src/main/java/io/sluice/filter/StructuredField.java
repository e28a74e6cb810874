package io.sluice.filter;

import java.nio.charset.StandardCharsets;

/** Spells structured field values (RFC 9651). */
final class StructuredField {

  private static final String HEX = "0123456789ABCDEF";

  private StructuredField() {}

  /**
   * Returns the text as a String item (section 4.1.6): in quotation marks, with quotation marks and
   * backslashes escaped. The type holds printable ASCII only, so other characters are written as
   * percent-encoded UTF-8.
   */
  static String string(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      if (octet < 0x20 || octet == 0x7f) {
        out.append('%').append(HEX.charAt(octet >> 4 & 15)).append(HEX.charAt(octet & 15));
      } else {
        if (octet == '"' || octet == '\\') {
          out.append('\\');
        }
        out.append((char) octet);
      }
    }
    return out.append('"').toString();
  }
}
