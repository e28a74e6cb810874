package io.sluice.bench.fleet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Locale;

/**
 * A kept HTTP/1.1 connection with at most one request under way: as little client as can be told
 * from a real one. It understands answers of up to 16 KiB that say how long they are. For one
 * thread.
 */
public final class ClientConnection implements AutoCloseable {

  private static final int LARGEST = 16 * 1024;
  private static final String LENGTH = "\r\ncontent-length:";

  private final int gateway;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final ByteBuffer in = ByteBuffer.allocate(LARGEST);
  private ByteBuffer out = ByteBuffer.allocate(0);
  private long request = -1;
  private String fields = "";
  private String content = "";

  /** Connects, which blocks for as long as that takes. */
  public ClientConnection(int gateway, InetSocketAddress address, Selector selector)
      throws IOException {
    this.gateway = gateway;
    this.channel = SocketChannel.open(address);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    this.key = channel.register(selector, SelectionKey.OP_READ, this);
  }

  /** Returns the number of the gateway at its other end. */
  public int gateway() {
    return gateway;
  }

  /** Returns the number of the request under way, or -1. */
  public long request() {
    return request;
  }

  /** Sends a request; none is under way. */
  public void ask(long number, byte[] octets) throws IOException {
    request = number;
    out = ByteBuffer.wrap(octets);
    in.clear();
    write();
  }

  /**
   * Does what it is ready for.
   *
   * @return the status of the answer once it is complete, else 0
   * @throws IOException when the connection is of no more use
   */
  public int advance() throws IOException {
    if (out.hasRemaining()) {
      write();
    }
    if (channel.read(in) < 0) {
      throw new EOFException("the gateway closed the connection");
    }
    int status = request < 0 ? 0 : status();
    if (status != 0) {
      request = -1;
    }
    return status;
  }

  /** Returns the status line and the fields of the last answer, in lower case. */
  public String fields() {
    return fields;
  }

  /** Returns the content of the last answer, an octet a character. */
  public String content() {
    return content;
  }

  private void write() throws IOException {
    channel.write(out);
    key.interestOps(
        out.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
  }

  private int status() throws IOException {
    int end = endOfFields();
    if (end < 0) {
      if (!in.hasRemaining()) {
        throw new IOException("the fields of an answer are longer than " + LARGEST + " octets");
      }
      return 0;
    }
    fields = new String(in.array(), 0, end, US_ASCII).toLowerCase(Locale.ROOT);
    int length = fields.indexOf(LENGTH);
    if (length < 0) {
      throw new IOException("an answer does not say how long it is: " + fields);
    }
    int lineEnd = fields.indexOf('\r', length + 1);
    int size = Integer.parseInt(fields.substring(length + LENGTH.length(), lineEnd).strip());
    if (end + size > LARGEST) {
      throw new IOException("an answer is longer than " + LARGEST + " octets");
    }
    if (in.position() < end + size) {
      return 0;
    }
    content = new String(in.array(), end, size, ISO_8859_1);
    return Integer.parseInt(fields.substring(9, 12));
  }

  /** Returns where the content begins, or -1. */
  private int endOfFields() {
    byte[] octets = in.array();
    for (int i = 3; i < in.position(); i++) {
      if (octets[i] == '\n' && octets[i - 2] == '\n' && octets[i - 1] == '\r') {
        return i + 1;
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
