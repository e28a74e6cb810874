package io.sluice.upstream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;

/**
 * Writes request heads, one after the other into the same memory (RFC 9112, sections 3 and 5).
 *
 * <p>Whatever the fields hold, it cannot end a line: control characters become spaces, and
 * characters beyond ISO 8859-1 question marks. Not thread-safe.
 */
final class HeadWriter {

  private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int USUAL = 1024;
  private static final int MOST_KEPT = 16 * 1024;

  private byte[] octets = new byte[USUAL];
  private ByteBuffer view = ByteBuffer.wrap(octets);
  private int length;

  /** Returns the octets of a head, valid until the next one is written. */
  ByteBuffer write(RequestHead head) {
    length = 0;
    text(head.method(), 1);
    octets[length++] = ' ';
    text(head.target(), VERSION.length);
    System.arraycopy(VERSION, 0, octets, length, VERSION.length);
    length += VERSION.length;
    fields(head.fields());
    return view.clear().limit(length);
  }

  /** Returns the octets of the last chunk and the trailers in it (RFC 9112, section 7.1.2). */
  static ByteBuffer lastChunk(HttpFields trailers) {
    HeadWriter writer = new HeadWriter();
    writer.text("0", 2);
    writer.endLine();
    writer.fields(trailers);
    return writer.view.clear().limit(writer.length);
  }

  private void fields(HttpFields fields) {
    for (HttpField field : fields) {
      text(field.getName(), 2);
      octets[length++] = ':';
      octets[length++] = ' ';
      String value = field.getValue();
      text(value == null ? "" : value, 2);
      endLine();
    }
    room(2);
    endLine();
  }

  /** Lets go of memory that only an unusually large head needed. */
  void trim() {
    if (octets.length > MOST_KEPT) {
      octets = new byte[USUAL];
      view = ByteBuffer.wrap(octets);
    }
  }

  /** Writes a text and makes room for some more octets after it. */
  private void text(String text, int more) {
    int end = text.length();
    room(end + more);
    byte[] into = octets;
    int at = length;
    for (int i = 0; i < end; i++) {
      into[at++] = octet(text.charAt(i));
    }
    length = at;
  }

  private static byte octet(char c) {
    if ((c >= ' ' && c < 0x7f) || (c >= 0x80 && c <= 0xff) || c == '\t') {
      return (byte) c;
    }
    return (byte) (c > 0xff ? '?' : ' ');
  }

  private void endLine() {
    octets[length++] = '\r';
    octets[length++] = '\n';
  }

  private void room(int more) {
    if (octets.length - length < more) {
      byte[] larger = new byte[Math.max(2 * octets.length, length + more)];
      System.arraycopy(octets, 0, larger, 0, length);
      octets = larger;
      view = ByteBuffer.wrap(octets);
    }
  }
}
