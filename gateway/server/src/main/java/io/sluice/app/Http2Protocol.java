package io.sluice.app;

import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;

/** Sets up Jetty's server side of HTTP/2 (RFC 9113). */
final class Http2Protocol {

  /**
   * Largest section of fields in an answer. As much memory is taken to write each, until the client
   * has taken it.
   */
  private static final int MAX_ANSWER_FIELDS = 32 * 1024;

  private Http2Protocol() {}

  /** Returns HTTP/2 in the clear, for clients that know beforehand. */
  static HTTP2CServerConnectionFactory clear(HttpConfiguration http, Http2Settings settings) {
    return bounded(new HTTP2CServerConnectionFactory(fields(http)), settings);
  }

  /** Returns a configuration for HTTP/2 that is otherwise the same. */
  static HttpConfiguration fields(HttpConfiguration http) {
    HttpConfiguration own = new HttpConfiguration(http);
    own.setMaxResponseHeaderSize(MAX_ANSWER_FIELDS);
    return own;
  }

  /** Sets the bounds of each connection, whichever way HTTP/2 was agreed upon. */
  static <F extends AbstractHTTP2ServerConnectionFactory> F bounded(
      F protocol, Http2Settings settings) {
    protocol.setConnectProtocolEnabled(false);
    protocol.setMaxConcurrentStreams(settings.maxStreams());
    protocol.setInitialStreamRecvWindow(settings.streamWindow());
    protocol.setInitialSessionRecvWindow(settings.connectionWindow());
    protocol.setRateControlFactory(new FrameBudget.Factory(settings));
    protocol.addEventListener(new ForcedResets());
    return protocol;
  }
}
