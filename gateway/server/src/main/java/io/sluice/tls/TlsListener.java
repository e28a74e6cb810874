package io.sluice.tls;

import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;

/**
 * What a connector needs to speak TLS: the handshake, then the protocol that was agreed upon in it
 * (ALPN, RFC 7301). One TLS context serves for good, so that sessions can be resumed after a
 * certificate was replaced.
 */
public final class TlsListener {

  private final TlsSettings settings;
  private final Certificates certificates;
  private final SSLContext context;

  /** Milliseconds that a handshake waits for an authority that owes its word. */
  private static final String STAPLING_WAIT = "1000";

  /** Prepares the context. */
  public TlsListener(TlsSettings settings, Certificates certificates) {
    this.settings = settings;
    this.certificates = certificates;
    if (settings.ocspStapling()) {
      // Java has no other way to say so, and reads it as a context is made.
      System.setProperty("jdk.tls.server.enableStatusRequestExtension", "true");
      System.setProperty("jdk.tls.stapling.responseTimeout", STAPLING_WAIT);
    }
    this.context = context(certificates);
    SSLSessionContext sessions = context.getServerSessionContext();
    sessions.setSessionCacheSize(settings.sessionCache());
    sessions.setSessionTimeout((int) settings.sessionTimeout().toSeconds());
  }

  /** Returns the settings. */
  public TlsSettings settings() {
    return settings;
  }

  /** Lets whatever is set up with this refuse misdirected requests. */
  public void guard(HttpConfiguration http) {
    http.addCustomizer(new Misdirection(certificates));
  }

  /**
   * Returns the protocols of a connector, TLS first.
   *
   * @param within the protocols inside TLS, by the names that ALPN has for them; the last is spoken
   *     with clients that do not negotiate
   */
  public ConnectionFactory[] protocols(ConnectionFactory... within) {
    List<String> names =
        Arrays.stream(within).map(each -> each.getProtocol().toLowerCase(Locale.ROOT)).toList();
    ALPNServerConnectionFactory negotiation =
        new ALPNServerConnectionFactory(names.toArray(new String[0]));
    negotiation.setDefaultProtocol(names.get(names.size() - 1));
    List<ConnectionFactory> all = new ArrayList<>();
    all.add(new Handshakes(negotiation));
    all.add(negotiation);
    all.addAll(List.of(within));
    return all.toArray(new ConnectionFactory[0]);
  }

  private SSLEngine engine(RequestedName name) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(settings.versions().toArray(new String[0]));
    parameters.setCipherSuites(settings.ciphers().toArray(new String[0]));
    // All of them are strong, and a client knows which its machine is fast at.
    parameters.setUseCipherSuitesOrder(false);
    parameters.setSNIMatchers(List.of(name));
    engine.setSSLParameters(parameters);
    return engine;
  }

  private static SSLContext context(Certificates certificates) {
    try {
      SSLContext made = SSLContext.getInstance("TLS");
      made.init(new KeyManager[] {new SniKeyManager(certificates)}, new TrustManager[0], null);
      return made;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java speaks no TLS", e);
    }
  }

  /**
   * Begins each connection with its handshake. Only the connection within is shown to the
   * connector's listeners, so that a client counts once.
   */
  private final class Handshakes extends AbstractConnectionFactory {

    private final ConnectionFactory next;

    Handshakes(ConnectionFactory next) {
      super("SSL");
      this.next = next;
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
      RequestedName name = new RequestedName();
      TlsConnection connection =
          new TlsConnection(connector, endPoint, engine(name), name, settings.handshakeTimeout());
      SslConnection.SslEndPoint within = connection.getSslEndPoint();
      within.setConnection(next.newConnection(connector, within));
      return connection;
    }
  }
}
