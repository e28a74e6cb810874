package io.sluice.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import org.jspecify.annotations.Nullable;

/** Reads heads and content off a stream, by the letter. */
final class Wire {

  private Wire() {}

  /**
   * Reads a head up to its empty line, however that is spelled.
   *
   * @return null when the stream ended before its first octet
   * @throws EOFException when it ended within the head
   */
  static @Nullable Head readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int line = 0;
    while (true) {
      int octet = in.read();
      if (octet < 0) {
        if (head.size() == 0) {
          return null;
        }
        throw new EOFException("within a head: " + Octets.shown(head.toString(ISO_8859_1)));
      }
      head.write(octet);
      if (octet != '\n') {
        line += octet == '\r' ? 0 : 1;
      } else if (line == 0) {
        return new Head(head.toString(ISO_8859_1));
      } else {
        line = 0;
      }
    }
  }

  /** Reads so many octets into {@code out}. */
  static void readLength(InputStream in, long length, ByteArrayOutputStream out)
      throws IOException {
    for (long left = length; left > 0; left--) {
      int octet = in.read();
      if (octet < 0) {
        throw new EOFException(left + " octets are missing");
      }
      out.write(octet);
    }
  }

  /** Reads chunks and trailers; anything but plain chunks is refused. */
  static void readChunks(InputStream in, ByteArrayOutputStream out) throws IOException {
    while (true) {
      String size = readLine(in);
      if (!size.matches("[0-9a-fA-F]{1,7}")) {
        throw new ProtocolException("bad chunk size: " + Octets.shown(size));
      }
      int length = Integer.parseInt(size, 16);
      if (length == 0) {
        while (!readLine(in).isEmpty()) {}
        return;
      }
      readLength(in, length, out);
      if (!readLine(in).isEmpty()) {
        throw new ProtocolException("bad end of a chunk");
      }
    }
  }

  private static String readLine(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      int octet = in.read();
      if (octet < 0) {
        throw new EOFException("within chunks");
      }
      line.write(octet);
      String text = line.toString(ISO_8859_1);
      if (text.endsWith("\r\n")) {
        return text.substring(0, text.length() - 2);
      }
    }
  }
}
