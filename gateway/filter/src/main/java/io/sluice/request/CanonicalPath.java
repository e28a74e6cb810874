package io.sluice.request;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * The one spelling of a request path that is both matched and forwarded, so that the limiter and
 * the upstream cannot read different paths (RFC 3986, sections 5.2.4 and 6.2.2).
 *
 * <p>Canonical means: starts with a slash; octets that need no encoding are decoded and all other
 * escapes are kept in upper case; dot segments are removed after decoding; {@code ;parameters} are
 * removed; no segment but the last is empty. Octets that must not stand raw in a path are encoded.
 *
 * <p>Immutable and thread-safe.
 */
public final class CanonicalPath {

  /**
   * The target {@code *}: the server as a whole (RFC 9112, section 3.2.4). To the limits it is the
   * root, so that what covers every path covers it too.
   */
  public static final CanonicalPath SERVER = new CanonicalPath("*", List.of());

  private static final String HEX = "0123456789ABCDEF";

  private final String encoded;
  private final List<String> segments;

  private CanonicalPath(String encoded, List<String> segments) {
    this.encoded = encoded;
    this.segments = segments;
  }

  /**
   * Reads a raw path, without query.
   *
   * @throws RefusedPathException when the path has no single reading: an empty segment, a broken
   *     escape, an encoded control character, backslash or invalid UTF-8, or an encoded slash or
   *     percent sign where {@code rules} refuse it
   */
  public static CanonicalPath of(String raw, PathRules rules) throws RefusedPathException {
    if (raw.isEmpty() || raw.charAt(0) != '/') {
      throw new RefusedPathException("the path must start with a slash");
    }
    List<String> encoded = new ArrayList<>(8);
    int start = 1;
    while (start <= raw.length()) {
      int slash = raw.indexOf('/', start);
      int end = slash < 0 ? raw.length() : slash;
      append(encoded, segment(raw, start, end, rules), slash < 0);
      start = end + 1;
    }
    return new CanonicalPath(join(encoded), fold(encoded, rules));
  }

  /** Returns the path to forward: percent-encoded, starting with a slash; or {@code *}. */
  public String encoded() {
    return encoded;
  }

  /**
   * Refuses what rules without encoded slashes refuse, of a path that was read by rules with them.
   *
   * @throws RefusedPathException when the path has an encoded slash or percent sign
   */
  public void refuseEncodedSlash() throws RefusedPathException {
    if (encoded.indexOf('%') >= 0 && (encoded.contains("%2F") || encoded.contains("%25"))) {
      throw encodedSlash();
    }
  }

  /**
   * Returns what to forward when the first segments are taken off: percent-encoded, starting with a
   * slash.
   *
   * @param count how many; no more than {@link #segments} has
   */
  public String encodedWithout(int count) {
    int start = 0;
    for (int i = 0; i < count && start >= 0; i++) {
      start = encoded.indexOf('/', start + 1);
    }
    return start < 0 ? "/" : encoded.substring(start);
  }

  /** Returns the decoded and folded segments to match; empty for {@code /} and {@code *}. */
  public List<String> segments() {
    return segments;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CanonicalPath that && encoded.equals(that.encoded);
  }

  @Override
  public int hashCode() {
    return encoded.hashCode();
  }

  @Override
  public String toString() {
    return encoded;
  }

  private static void append(List<String> path, String segment, boolean last)
      throws RefusedPathException {
    switch (segment) {
      case "" -> {
        if (!last) {
          throw new RefusedPathException("the path has an empty segment; write single slashes");
        }
        path.add("");
      }
      case "." -> appendDirectory(path, last);
      case ".." -> {
        if (!path.isEmpty()) {
          path.remove(path.size() - 1);
        }
        appendDirectory(path, last);
      }
      default -> path.add(segment);
    }
  }

  /** A trailing dot segment names a directory: {@code /a/..} is {@code /}, {@code /a/.} is a/. */
  private static void appendDirectory(List<String> path, boolean last) {
    if (last) {
      path.add("");
    }
  }

  private static String segment(String raw, int start, int end, PathRules rules)
      throws RefusedPathException {
    int plain = start;
    while (plain < end && isPlain(raw.charAt(plain))) {
      plain++;
    }
    if (plain == end) {
      return raw.substring(start, end);
    }
    StringBuilder out = new StringBuilder(end - start + 8).append(raw, start, plain);
    int i = plain;
    while (i < end) {
      char c = raw.charAt(i);
      if (c == ';') {
        break;
      }
      if (c == '%') {
        appendOctet(out, octet(raw, i, end), rules);
        i += 3;
      } else {
        i += appendRaw(out, raw, i);
      }
    }
    return out.toString();
  }

  private static int octet(String raw, int percent, int end) throws RefusedPathException {
    if (percent + 2 >= end
        || !HexFormat.isHexDigit(raw.charAt(percent + 1))
        || !HexFormat.isHexDigit(raw.charAt(percent + 2))) {
      throw new RefusedPathException("the path has a percent sign without two hex digits");
    }
    return HexFormat.fromHexDigits(raw, percent + 1, percent + 3);
  }

  private static void appendOctet(StringBuilder out, int octet, PathRules rules)
      throws RefusedPathException {
    if (isUnreserved((char) octet)) {
      out.append((char) octet);
      return;
    }
    if (octet < 0x20 || octet == 0x7f || octet == '\\') {
      throw new RefusedPathException("the path has an encoded control character or backslash");
    }
    if ((octet == '/' || octet == '%') && !rules.encodedSlash()) {
      throw encodedSlash();
    }
    escape(out, octet);
  }

  private static RefusedPathException encodedSlash() {
    return new RefusedPathException(
        "the path has an encoded slash or percent sign; the setting paths.encoded-slash = pass"
            + " lets them through");
  }

  private static int appendRaw(StringBuilder out, String raw, int i) throws RefusedPathException {
    char c = raw.charAt(i);
    if (isPlain(c)) {
      out.append(c);
      return 1;
    }
    if (c < 0x20 || c == 0x7f || c == '\\') {
      throw new RefusedPathException("the path has a control character or backslash");
    }
    int codePoint = raw.codePointAt(i);
    if (codePoint <= Character.MAX_VALUE && Character.isSurrogate((char) codePoint)) {
      throw new RefusedPathException("the path has a character that is not Unicode");
    }
    int length = Character.charCount(codePoint);
    for (byte b : raw.substring(i, i + length).getBytes(StandardCharsets.UTF_8)) {
      escape(out, b & 0xff);
    }
    return length;
  }

  private static void escape(StringBuilder out, int octet) {
    out.append('%').append(HEX.charAt(octet >> 4)).append(HEX.charAt(octet & 15));
  }

  private static String join(List<String> segments) {
    if (segments.isEmpty()) {
      return "/";
    }
    StringBuilder out = new StringBuilder(64);
    for (String segment : segments) {
      out.append('/').append(segment);
    }
    return out.toString();
  }

  private static List<String> fold(List<String> encoded, PathRules rules)
      throws RefusedPathException {
    int size = encoded.size();
    boolean slash = size > 0 && encoded.get(size - 1).isEmpty();
    if (slash && (rules.foldTrailingSlash() || size == 1)) {
      size--;
    }
    List<String> folded = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      String decoded = decode(encoded.get(i));
      folded.add(rules.foldCase() ? decoded.toLowerCase(Locale.ROOT) : decoded);
    }
    return List.copyOf(folded);
  }

  /** Decodes an already canonical segment, so every percent sign is followed by two digits. */
  private static String decode(String segment) throws RefusedPathException {
    if (segment.indexOf('%') < 0) {
      return segment;
    }
    ByteBuffer octets = ByteBuffer.allocate(segment.length());
    for (int i = 0; i < segment.length(); i++) {
      char c = segment.charAt(i);
      if (c == '%') {
        octets.put((byte) octet(segment, i, segment.length()));
        i += 2;
      } else {
        octets.put((byte) c);
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new RefusedPathException("the path has escapes that are not UTF-8");
    }
  }

  /** Unreserved characters of RFC 3986, section 2.3: never need an escape. */
  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }

  /** Characters that stand for themselves in a segment: pchar of RFC 3986 less {@code ; %}. */
  private static boolean isPlain(char c) {
    return isUnreserved(c) || (c < 0x7f && "!$&'()*+,=:@".indexOf(c) >= 0);
  }
}
