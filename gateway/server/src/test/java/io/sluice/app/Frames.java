package io.sluice.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** WebSocket by hand, octet for octet (RFC 6455). */
final class Frames {

  static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
  static final byte[] MASK = {1, 2, 3, 4};
  static final int TEXT = 0x1;
  static final int CLOSE = 0x8;

  /** A frame without its mask; payload as ISO 8859-1. */
  record Frame(int opcode, String payload) {

    int code() {
      return payload.charAt(0) << 8 | payload.charAt(1);
    }
  }

  private Frames() {}

  static String opening(String target, String... fields) {
    String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: api.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Key: "
        + KEY
        + "\r\nSec-WebSocket-Version: 13\r\n"
        + more
        + "\r\n";
  }

  static String accepting(String... fields) {
    String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: "
        + accept(KEY)
        + "\r\n"
        + more
        + "\r\n";
  }

  static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] text(String text, boolean masked) {
    return frame(0x80 | TEXT, text.getBytes(ISO_8859_1), masked);
  }

  static byte[] close(int code, boolean masked) {
    return frame(0x80 | CLOSE, new byte[] {(byte) (code >> 8), (byte) code}, masked);
  }

  static byte[] frame(int first, byte[] payload, boolean masked) {
    ByteBuffer out = ByteBuffer.allocate(14 + payload.length).put((byte) first);
    int mask = masked ? 0x80 : 0;
    if (payload.length < 126) {
      out.put((byte) (mask | payload.length));
    } else if (payload.length < 65_536) {
      out.put((byte) (mask | 126)).putShort((short) payload.length);
    } else {
      out.put((byte) (mask | 127)).putLong(payload.length);
    }
    if (masked) {
      out.put(MASK);
    }
    for (int i = 0; i < payload.length; i++) {
      out.put((byte) (masked ? payload[i] ^ MASK[i % 4] : payload[i]));
    }
    byte[] octets = new byte[out.flip().remaining()];
    out.get(octets);
    return octets;
  }

  /** Reads one frame; at the end of the connection an {@link java.io.EOFException}. */
  static Frame read(InputStream from) throws IOException {
    DataInputStream in = new DataInputStream(from);
    int opcode = in.readUnsignedByte() & 0x0f;
    int second = in.readUnsignedByte();
    int length = second & 0x7f;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = (int) in.readLong();
    }
    byte[] mask = new byte[4];
    if (second >= 0x80) {
      in.readFully(mask);
    }
    byte[] payload = new byte[length];
    in.readFully(payload);
    for (int i = 0; i < length; i++) {
      payload[i] ^= mask[i % 4];
    }
    return new Frame(opcode, new String(payload, ISO_8859_1));
  }
}
