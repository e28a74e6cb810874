package io.sluice.app;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads HTTP/1 messages off a stream, as plainly as possible. */
final class Wire {

  private Wire() {}

  /** Writes a head of these lines. */
  static String head(String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  /** Reads a head with its line ends but without the empty line; null at the end of stream. */
  static @Nullable String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (true) {
      String line = readLine(in);
      if (line == null) {
        return null;
      }
      if (line.isEmpty()) {
        return head.toString(StandardCharsets.ISO_8859_1);
      }
      head.writeBytes((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /**
   * Reads the content that a head announces.
   *
   * @return true when it was whole, false for an answer that lasts until the connection ends
   * @throws EOFException when it ended too early
   */
  static boolean readBody(InputStream in, String head, OutputStream out) throws IOException {
    List<String> length = values(head, "Content-Length");
    if (!values(head, "Transfer-Encoding").isEmpty()) {
      readChunks(in, out);
      return true;
    }
    if (!length.isEmpty()) {
      copy(in, out, Long.parseLong(length.get(0)));
      return true;
    }
    return false;
  }

  /** Returns the values of the field, in order, exactly as sent. */
  static List<String> values(String head, String name) {
    List<String> values = new ArrayList<>();
    for (String line : head.split("\r\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).equalsIgnoreCase(name)) {
        values.add(line.substring(colon + 1).strip());
      }
    }
    return values;
  }

  private static void readChunks(InputStream in, OutputStream out) throws IOException {
    while (true) {
      String line = readLine(in);
      if (line == null) {
        throw new EOFException("within chunks");
      }
      int size = Integer.parseInt(line.strip(), 16);
      copy(in, out, size);
      String end = readLine(in);
      if (end == null || !end.isEmpty()) {
        throw new EOFException("at the end of a chunk");
      }
      if (size == 0) {
        return;
      }
    }
  }

  private static void copy(InputStream in, OutputStream out, long length) throws IOException {
    byte[] buffer = new byte[16384];
    long left = length;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new EOFException(left + " octets missing");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }

  private static @Nullable String readLine(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      int octet = in.read();
      if (octet < 0) {
        return null;
      }
      if (octet == '\n') {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      line.write(octet);
    }
  }
}
