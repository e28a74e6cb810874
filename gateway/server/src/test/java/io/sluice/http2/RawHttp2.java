package io.sluice.http2;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;

/**
 * One end of an HTTP/2 connection on a bare socket: writes and reads frames, and does nothing by
 * itself. Fields are written as literals, so they can be anything (RFC 7541, section 6.2.2).
 */
@NullMarked
public final class RawHttp2 implements AutoCloseable {

  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;
  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;

  /** PROTOCOL_ERROR, INTERNAL_ERROR, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM. */
  public static final int PROTOCOL_ERROR = 1;

  public static final int INTERNAL_ERROR = 2;
  public static final int REFUSED = 7;
  public static final int CANCEL = 8;
  public static final int CALM = 11;

  /** A frame as it was received. */
  public record Frame(int type, int flags, int stream, byte[] payload) {

    public boolean isEnd() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** Returns the last number of the payload's beginning: the error of RST_STREAM and GOAWAY. */
    public int error() {
      return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
    }

    @Override
    public String toString() {
      return "frame %d, flags %d, stream %d: %s"
          .formatted(type, flags, stream, new String(payload, StandardCharsets.ISO_8859_1));
    }
  }

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private final Socket socket;
  private final InputStream in;
  private final ByteArrayOutputStream batch = new ByteArrayOutputStream();

  public RawHttp2(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(20_000);
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** Connects as a client: preface and settings are sent. */
  public static RawHttp2 client(int port, int... settings) throws IOException {
    RawHttp2 client = new RawHttp2(new Socket("127.0.0.1", port));
    client.batch.writeBytes(PREFACE.getBytes(StandardCharsets.US_ASCII));
    client.settings(settings).flush();
    return client;
  }

  /** Serves a connection: the client's preface is read and our settings are sent. */
  public static RawHttp2 server(Socket socket, int... settings) throws IOException {
    RawHttp2 server = new RawHttp2(socket);
    byte[] preface = server.in.readNBytes(PREFACE.length());
    if (!Arrays.equals(preface, PREFACE.getBytes(StandardCharsets.US_ASCII))) {
      throw new IOException("no HTTP/2: " + new String(preface, StandardCharsets.ISO_8859_1));
    }
    server.settings(settings).flush();
    return server;
  }

  /** Adds a frame to what is sent next. */
  public RawHttp2 frame(int type, int flags, int stream, byte[] payload) {
    DataOutputStream out = new DataOutputStream(batch);
    try {
      out.writeByte(payload.length >> 16);
      out.writeShort(payload.length);
      out.writeByte(type);
      out.writeByte(flags);
      out.writeInt(stream);
      out.write(payload);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return this;
  }

  /** Adds SETTINGS: keys and values in turn. */
  public RawHttp2 settings(int... settings) {
    ByteBuffer payload = ByteBuffer.allocate(settings.length / 2 * 6);
    for (int i = 0; i < settings.length; i += 2) {
      payload.putShort((short) settings[i]).putInt(settings[i + 1]);
    }
    return frame(SETTINGS, 0, 0, payload.array());
  }

  public RawHttp2 headers(int stream, int flags, String... fields) {
    return frame(HEADERS, flags | END_HEADERS, stream, block(fields));
  }

  /** Adds the head of a request without content. */
  public RawHttp2 get(int stream, String path, String... fields) {
    return request(stream, "GET", path, END_STREAM, fields);
  }

  public RawHttp2 request(int stream, String method, String path, int flags, String... fields) {
    String[] all = new String[8 + fields.length];
    String[] pseudo = {
      ":method", method, ":scheme", "http", ":authority", "api.example.com", ":path", path
    };
    System.arraycopy(pseudo, 0, all, 0, 8);
    System.arraycopy(fields, 0, all, 8, fields.length);
    return headers(stream, flags, all);
  }

  public RawHttp2 data(int stream, int flags, String text) {
    return frame(DATA, flags, stream, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawHttp2 reset(int stream, int error) {
    return frame(RST_STREAM, 0, stream, number(error));
  }

  public RawHttp2 window(int stream, int more) {
    return frame(WINDOW_UPDATE, 0, stream, number(more));
  }

  public RawHttp2 ping() {
    return frame(PING, 0, 0, new byte[8]);
  }

  public RawHttp2 goAway(int lastStream, int error) {
    return frame(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(lastStream).putInt(error).array());
  }

  /** Adds octets that are no frame. */
  public RawHttp2 raw(String octets) {
    batch.writeBytes(octets.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  /** Sends what was added. */
  public RawHttp2 flush() throws IOException {
    byte[] octets = batch.toByteArray();
    batch.reset();
    socket.getOutputStream().write(octets);
    return this;
  }

  /** Reads a frame. */
  public Frame read() throws IOException {
    byte[] head = in.readNBytes(9);
    if (head.length < 9) {
      throw new EOFException();
    }
    ByteBuffer numbers = ByteBuffer.wrap(head);
    int length = (numbers.getShort(0) & 0xffff) << 8 | (head[2] & 0xff);
    byte[] payload = in.readNBytes(length);
    if (payload.length < length) {
      throw new EOFException();
    }
    return new Frame(head[3], head[4], numbers.getInt(5) & Integer.MAX_VALUE, payload);
  }

  /** Reads until a frame of a kind comes; answers settings and pings meanwhile. */
  public Frame await(Predicate<Frame> wanted) throws IOException {
    while (true) {
      Frame frame = read();
      if (wanted.test(frame)) {
        return frame;
      }
      if ((frame.type() == SETTINGS || frame.type() == PING) && (frame.flags() & ACK) == 0) {
        acknowledge(frame);
      }
    }
  }

  /** Reads until the other side has ended the connection, in order or not. */
  public void awaitEnd() throws SocketTimeoutException {
    try {
      while (true) {
        read();
      }
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException ended) {
      // That is what was awaited.
    }
  }

  private void acknowledge(Frame frame) {
    try {
      frame(frame.type(), ACK, 0, frame.type() == PING ? frame.payload() : new byte[0]).flush();
    } catch (IOException closed) {
      // What the other side said before it hung up may still be there to be read.
    }
  }

  public Frame await(int type) throws IOException {
    return await(frame -> frame.type() == type);
  }

  /** Reads the next request's head; answers settings and pings meanwhile. */
  public Frame request() throws IOException {
    return await(HEADERS);
  }

  public static byte[] block(String... fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < fields.length; i += 2) {
      block.write(0);
      string(block, fields[i]);
      string(block, fields[i + 1]);
    }
    return block.toByteArray();
  }

  private static void string(ByteArrayOutputStream to, String text) {
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    if (octets.length < 127) {
      to.write(octets.length);
    } else {
      to.write(127);
      int rest = octets.length - 127;
      while (rest >= 128) {
        to.write(rest & 127 | 128);
        rest >>= 7;
      }
      to.write(rest);
    }
    to.writeBytes(octets);
  }

  private static byte[] number(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
