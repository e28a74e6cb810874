package io.sluice.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The notation of octets in the corpus: ISO 8859-1 text with {@code \r \n \t \0 \\ \xHH}, and
 * <code>{text*1000}</code> for a text that is repeated.
 */
final class Octets {

  private static final Pattern REPEATED = Pattern.compile("\\{([^{}]*)\\*(\\d+)}");

  private Octets() {}

  /** Returns the octets of a line, with CRLF added unless the line ends in a single backslash. */
  static byte[] ofLine(String line) {
    String text = line;
    boolean open = text.endsWith("\\") && !text.endsWith("\\\\");
    if (open) {
      text = text.substring(0, text.length() - 1);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(of(text));
    if (!open) {
      out.writeBytes("\r\n".getBytes(ISO_8859_1));
    }
    return out.toByteArray();
  }

  /** Returns the octets of a text in the notation. */
  static byte[] of(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Matcher repeated = REPEATED.matcher(text);
    int at = 0;
    while (repeated.find()) {
      out.writeBytes(unescaped(text.substring(at, repeated.start())));
      byte[] part = unescaped(repeated.group(1));
      for (int i = Integer.parseInt(repeated.group(2)); i > 0; i--) {
        out.writeBytes(part);
      }
      at = repeated.end();
    }
    out.writeBytes(unescaped(text.substring(at)));
    return out.toByteArray();
  }

  /** Returns a text for people: what is not printable is escaped, and what is long cut. */
  static String shown(String octets) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < octets.length() && i < 300; i++) {
      char c = octets.charAt(i);
      switch (c) {
        case '\r' -> out.append("\\r");
        case '\n' -> out.append("\\n");
        default -> out.append(c < ' ' || c > '~' ? "\\x%02x".formatted((int) c) : c);
      }
    }
    return octets.length() > 300 ? out + "..." : out.toString();
  }

  private static byte[] unescaped(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        out.write(c);
        continue;
      }
      i++;
      switch (text.charAt(i)) {
        case 'r' -> out.write('\r');
        case 'n' -> out.write('\n');
        case 't' -> out.write('\t');
        case '0' -> out.write(0);
        case '\\' -> out.write('\\');
        case 'x' -> {
          out.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
          i += 2;
        }
        default -> throw new IllegalArgumentException("unknown escape in: " + text);
      }
    }
    return out.toByteArray();
  }
}
