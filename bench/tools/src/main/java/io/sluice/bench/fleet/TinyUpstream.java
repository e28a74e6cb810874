package io.sluice.bench.fleet;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers every request by the same two octets, from one thread, so that upstream and load cost as
 * little as can be beside the gateways. It understands content that says how long it is.
 */
public final class TinyUpstream implements AutoCloseable {

  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
          .getBytes(US_ASCII);

  private static final String LENGTH = "content-length:";

  private final Selector selector;
  private final ServerSocketChannel server;
  private final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);

  private TinyUpstream(int port) throws IOException {
    this.selector = Selector.open();
    this.server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_024);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
  }

  /** Starts one on a free port of the loopback interface. */
  public static TinyUpstream start() throws IOException {
    TinyUpstream upstream = new TinyUpstream(0);
    Thread thread = new Thread(upstream::run, "tiny-upstream");
    thread.setDaemon(true);
    thread.start();
    return upstream;
  }

  /**
   * Serves until the process is ended, for {@code bench/scale}.
   *
   * @param args the port to listen on
   */
  public static void main(String[] args) throws IOException {
    new TinyUpstream(Integer.parseInt(args[0])).run();
  }

  /** Returns where it listens. */
  public int port() {
    return server.socket().getLocalPort();
  }

  private void run() {
    try {
      while (selector.isOpen()) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          serve(key);
        }
        selector.selectedKeys().clear();
      }
    } catch (ClosedSelectorException e) {
      // Closed: that was all.
    } catch (IOException e) {
      throw new IllegalStateException("the upstream cannot wait for requests any more", e);
    }
  }

  private void serve(SelectionKey key) throws IOException {
    if (key.attachment() instanceof Reader reader) {
      try {
        reader.read();
      } catch (IOException e) {
        key.channel().close(); // The gateway's affair: it opens another connection.
      }
    } else {
      SocketChannel channel = server.accept();
      if (channel != null) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.register(selector, SelectionKey.OP_READ, new Reader(channel));
      }
    }
  }

  /** Finds the ends of requests in what one connection brings. */
  private final class Reader {

    private final SocketChannel channel;
    private final StringBuilder line = new StringBuilder();
    private boolean inContent;
    private long content;

    Reader(SocketChannel channel) {
      this.channel = channel;
    }

    void read() throws IOException {
      in.clear();
      if (channel.read(in) < 0) {
        channel.close();
        return;
      }
      in.flip();
      while (in.hasRemaining()) {
        byte octet = in.get();
        if (inContent) {
          content--;
        } else if (octet == '\n') {
          lineEnded();
        } else if (octet != '\r') {
          line.append((char) octet);
        }
        if (inContent && content == 0) {
          inContent = false;
          answer();
        }
      }
    }

    private void lineEnded() {
      if (line.isEmpty()) {
        inContent = true;
      } else if (line.length() > LENGTH.length()
          && LENGTH.regionMatches(true, 0, line.toString(), 0, LENGTH.length())) {
        content = Long.parseLong(line.substring(LENGTH.length()).strip());
      }
      line.setLength(0);
    }

    private void answer() throws IOException {
      ByteBuffer out = ByteBuffer.wrap(ANSWER);
      while (out.hasRemaining()) {
        channel.write(out);
      }
    }
  }

  @Override
  public void close() throws IOException {
    List<SelectionKey> keys = new ArrayList<>(selector.keys());
    selector.close();
    for (SelectionKey key : keys) {
      key.channel().close();
    }
  }
}
