package io.sluice.proxy;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;

/**
 * Makes the coming end of a client's connection a reset: in HTTP/1.0, where an orderly close is how
 * a whole answer ends, and for clients that do not take what they are sent.
 */
final class Severing {

  private Severing() {}

  static void prepare(Request request) {
    if (request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_0) {
      reset(request);
    }
  }

  /**
   * Drops with the connection what the client has not taken, which the operating system would offer
   * it for minutes. Does nothing in HTTP/2, where others share the connection.
   */
  static void reset(Request request) {
    var connection = request.getConnectionMetaData();
    EndPoint endPoint = connection.getConnection().getEndPoint();
    EndPoint outer = endPoint instanceof EndPoint.Wrapper tls ? tls.unwrap() : endPoint;
    if (connection.getHttpVersion().getVersion() < HttpVersion.HTTP_2.getVersion()
        && outer.getTransport() instanceof SocketChannel socket) {
      try {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
        if (endPoint instanceof EndPoint.Wrapper) {
          outer.close(); // Or TLS would say goodbye, as after a whole answer.
        }
      } catch (IOException closedAlready) {
        // Then the client has seen the end, and nothing more can be told it.
      }
    }
  }
}
