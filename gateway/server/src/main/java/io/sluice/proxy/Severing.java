package io.sluice.proxy;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;

/**
 * Makes the coming end of a client's connection a reset, for HTTP/1.0, where an orderly close is
 * how a whole answer ends.
 */
final class Severing {

  private Severing() {}

  static void prepare(Request request) {
    var connection = request.getConnectionMetaData();
    if (connection.getHttpVersion() == HttpVersion.HTTP_1_0
        && connection.getConnection().getEndPoint().getTransport()
            instanceof SocketChannel socket) {
      try {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException closedAlready) {
        // Then the client has seen the end, and nothing more can be told it.
      }
    }
  }
}
