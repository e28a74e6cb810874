package io.sluice.app;

import io.sluice.tls.TlsListener;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;

/** Where clients are listened for, without TLS and with it, and what is spoken there. */
final class Listeners {

  private static final int MAX_ANSWER_FIELDS = 128 * 1024;

  /** Connections that wait to be accepted; Linux bounds it by net.core.somaxconn. */
  private static final int ACCEPT_QUEUE = 4096;

  private final Server server;
  private final ServerSettings settings;
  private final ClientConnections clients;
  private final @Nullable SharedConnector plain;
  private final @Nullable SharedConnector secure;

  /** Creates the listeners for a server; null stands for no TLS. */
  Listeners(
      Server server,
      ServerSettings settings,
      ClientConnections clients,
      @Nullable TlsListener tls,
      int selectors) {
    this.server = server;
    this.settings = settings;
    this.clients = clients;
    plain = tls != null && tls.settings().only() ? null : plain(selectors);
    secure = tls == null ? null : secure(tls, selectors);
  }

  /** Returns all of them, one or two. */
  List<SharedConnector> all() {
    return Stream.of(plain, secure).filter(Objects::nonNull).map(Objects::requireNonNull).toList();
  }

  /** Returns how many connections clients hold. */
  int clients() {
    return all().stream().mapToInt(listener -> listener.getConnectedEndPoints().size()).sum();
  }

  /** Returns the one most clients come by, which is the one with TLS where there is one. */
  SharedConnector busiest() {
    return Objects.requireNonNull(secure == null ? plain : secure);
  }

  /** Returns the port without TLS; negative before the start and where there is none. */
  int plainPort() {
    return plain == null ? -1 : plain.getLocalPort();
  }

  /** Returns the port with TLS; negative before the start and where there is none. */
  int tlsPort() {
    return secure == null ? -1 : secure.getLocalPort();
  }

  /** Returns why the server did not start, for a person to read. */
  IOException unstarted(Exception cause) {
    // Jetty closes all listeners when one fails, so only its message tells which that was.
    if (secure != null && (plain == null || names(cause, secure.getPort()))) {
      return Listening.explained(
          cause, settings.host(), secure.getPort(), "server.tls.port", "server.host");
    }
    return Listening.explained(
        cause, settings.host(), settings.port(), "server.port (SLUICE_PORT)", "server.host");
  }

  private static boolean names(Exception cause, int port) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (String.valueOf(t.getMessage()).endsWith(":" + port)) {
        return true;
      }
    }
    return false;
  }

  private SharedConnector plain(int selectors) {
    HttpConfiguration http = http();
    return listener(
        selectors,
        settings.port(),
        clients.factory(http),
        Http2Protocol.clear(http, settings.http2()));
  }

  private SharedConnector secure(TlsListener tls, int selectors) {
    HttpConfiguration http = http();
    tls.guard(http);
    HTTP2ServerConnectionFactory h2 =
        Http2Protocol.bounded(
            new HTTP2ServerConnectionFactory(Http2Protocol.fields(http)), settings.http2());
    return listener(selectors, tls.settings().port(), tls.protocols(h2, clients.factory(http)));
  }

  private SharedConnector listener(int selectors, int port, ConnectionFactory... protocols) {
    SharedConnector made = new SharedConnector(server, selectors, protocols);
    made.setHost(settings.host());
    made.setPort(port);
    made.setAcceptQueueSize(ACCEPT_QUEUE);
    made.setIdleTimeout(settings.idleTimeout().toMillis());
    return made;
  }

  private HttpConfiguration http() {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(settings.maxHeaderSize());
    http.setMaxResponseHeaderSize(MAX_ANSWER_FIELDS);
    // What has come from the upstream goes on at once: events must not wait for each other.
    http.setOutputAggregationSize(0);
    // Values go on as they were spelled, so none is replaced by a cached one in other case.
    http.setHeaderCacheCaseSensitive(true);
    // A bare line feed ends no line (RFC 9112, section 2.2).
    http.setHttpCompliance(HttpCompliance.STRICT);
    // CanonicalPath decides what a path means and which are refused, so Jetty lets them through.
    http.setUriCompliance(
        UriCompliance.UNSAFE.without(
            "GATEWAY", UriCompliance.Violation.USER_INFO, UriCompliance.Violation.FRAGMENT));
    return http;
  }
}
