package io.sluice.tls;

import io.sluice.upstream.Sockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;

/**
 * Opens connections under TLS on other sockets. A connection counts as opened when its handshake is
 * done and the upstream is who it should be; what is sent then goes through the cipher. The end of
 * what the upstream sends counts only when the upstream itself has said it (close_notify, RFC 8446,
 * section 6.1): otherwise anybody on the way could cut an answer short. Thread-safe.
 */
public final class TlsSockets implements Sockets {

  private final Sockets plain;
  private final UpstreamContext context;
  private final String host;
  private final int port;
  private final List<String> protocols;
  private final Executor executor;
  private final ByteBufferPool buffers;
  private final HandshakeLog log;

  /**
   * Creates sockets for one upstream.
   *
   * @param host name or address in the upstream's URL; an IPv6 address may bear brackets
   * @param protocols what is offered to be spoken within (ALPN), for example {@code http/1.1}
   */
  public TlsSockets(
      Sockets plain,
      UpstreamContext context,
      String host,
      int port,
      List<String> protocols,
      Executor executor,
      ByteBufferPool buffers) {
    this.plain = plain;
    this.context = context;
    this.host = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    this.port = port;
    this.protocols = List.copyOf(protocols);
    this.executor = executor;
    this.buffers = buffers;
    this.log = new HandshakeLog(host + ":" + port);
  }

  @Override
  public void connect(SocketChannel channel, InetSocketAddress address, Opening opening)
      throws IOException {
    plain.connect(channel, address, new Secured(opening));
  }

  final class Secured implements Opening {

    private final Opening opening;

    private Secured(Opening opening) {
      this.opening = opening;
    }

    @Override
    public Connection opened(EndPoint endPoint) {
      opening.agreeing(endPoint);
      SslConnection connection =
          new SslConnection(
              buffers, executor, null, endPoint, context.engine(host, port, protocols));
      connection.setRenegotiationAllowed(false);
      connection.setRequireCloseMessage(true);
      SslConnection.SslEndPoint within = connection.getSslEndPoint();
      within.setConnection(new UpstreamHandshake(connection, executor, this));
      return connection;
    }

    @Override
    public void failed(Throwable cause) {
      opening.failed(cause);
    }

    /** The upstream is who it should be. Returns what is to serve the connection. */
    Connection agreed(EndPoint within) {
      return opening.opened(within);
    }

    /** The handshake failed. */
    void refused(Throwable cause) {
      log.failed(cause);
      opening.failed(cause);
    }
  }
}
