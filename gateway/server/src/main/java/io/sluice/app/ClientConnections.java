package io.sluice.app;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.jspecify.annotations.Nullable;

/** Makes HTTP/1 connections that know how to end when the {@link ClientSweep} cuts them. */
final class ClientConnections extends HttpConnectionFactory {

  ClientConnections(HttpConfiguration configuration) {
    super(configuration);
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    HttpConnection made = new ClientConnection(getHttpConfiguration(), connector, endPoint);
    made.setTransferEncodingChunkMaxLength(getTransferEncodingChunkMaxLength());
    return configure(made, connector, endPoint);
  }

  /** A cut reaches it only while it waits for octets, so nothing else is under way. */
  private static final class ClientConnection extends HttpConnection {

    // Without an initial value, which would overwrite what the super constructor had made.
    private @Nullable RequestHandler handler;

    ClientConnection(HttpConfiguration configuration, Connector connector, EndPoint endPoint) {
      super(configuration, connector, endPoint);
    }

    @Override
    protected RequestHandler newRequestHandler() {
      RequestHandler made = super.newRequestHandler();
      handler = made;
      return made;
    }

    @Override
    public void onFillInterestedFailed(Throwable cause) {
      if (!(cause instanceof CutException)) {
        super.onFillInterestedFailed(cause);
        return;
      }
      boolean begun = !getParser().isStart();
      getParser().close();
      if (begun && handler != null) {
        handler.badMessage(
            new HttpException.RuntimeException(HttpStatus.REQUEST_TIMEOUT_408, cause.getMessage()));
      } else {
        close();
      }
    }
  }
}
