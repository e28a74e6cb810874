package io.sluice.app;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;

/** The HTTP/1 connections that clients hold. */
final class ClientConnections {

  /** Returns what makes them. */
  HttpConnectionFactory factory(HttpConfiguration http) {
    return new Factory(http);
  }

  private static final class Factory extends HttpConnectionFactory {

    Factory(HttpConfiguration http) {
      super(http);
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint client) {
      ClientConnection made = new ClientConnection(getHttpConfiguration(), connector, client);
      made.setTransferEncodingChunkMaxLength(getTransferEncodingChunkMaxLength());
      return configure(made, connector, client);
    }
  }
}
