package io.sluice.tls;

import io.sluice.pem.BadCertificateException;
import io.sluice.pem.PemFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whom the gateway believes, and what it shows, when it connects to one upstream. Immutable;
 * sessions are resumed among its connections.
 */
public final class UpstreamContext {

  private static final char[] NO_PASSWORD = {};

  private final UpstreamTls settings;
  private final SSLContext context;

  /**
   * Reads the files.
   *
   * @throws BadCertificateException when one cannot be used
   */
  public UpstreamContext(UpstreamTls settings) throws BadCertificateException {
    this.settings = settings;
    try {
      context = SSLContext.getInstance("TLS");
      context.init(own(settings.own()), trusted(settings), null);
    } catch (GeneralSecurityException | IOException e) {
      throw new BadCertificateException("TLS to the upstream cannot be set up: " + e, e);
    }
  }

  boolean isVerified() {
    return settings.verified();
  }

  /**
   * Returns an engine for one connection.
   *
   * @param host name or address in the upstream's URL, without brackets
   * @param protocols what is offered to be spoken within (RFC 7301), the most wanted first
   */
  SSLEngine engine(String host, int port, List<String> protocols) {
    String name = settings.serverName() == null ? host : settings.serverName();
    SSLEngine engine = context.createSSLEngine(name, port);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(TlsSettings.VERSIONS.toArray(new String[0]));
    parameters.setCipherSuites(TlsSettings.CIPHERS.toArray(new String[0]));
    parameters.setApplicationProtocols(protocols.toArray(new String[0]));
    if (settings.verified()) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    if (!isAddress(name)) {
      // Java of itself asks for names with a dot only.
      parameters.setServerNames(List.of(new SNIHostName(name)));
    }
    engine.setSSLParameters(parameters);
    return engine;
  }

  /** Addresses are not asked for (RFC 6066, section 3). */
  private static boolean isAddress(String name) {
    return name.indexOf(':') >= 0 || name.matches("[0-9.]+");
  }

  private static KeyManager @Nullable [] own(@Nullable CertificateSource source)
      throws GeneralSecurityException, IOException, BadCertificateException {
    if (source == null) {
      return null;
    }
    ServerCertificate read = CertificateReader.read(source);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("own", read.key(), NO_PASSWORD, read.chain().toArray(new X509Certificate[0]));
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, NO_PASSWORD);
    return managers.getKeyManagers();
  }

  private static TrustManager @Nullable [] trusted(UpstreamTls settings)
      throws GeneralSecurityException, IOException, BadCertificateException {
    if (!settings.verified()) {
      return new TrustManager[] {new TrustingAll()};
    }
    Path ca = settings.ca();
    if (ca == null) {
      return null;
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int number = 0;
    for (X509Certificate authority : PemFile.read(ca).certificates()) {
      store.setCertificateEntry("ca" + number++, authority);
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    return managers.getTrustManagers();
  }
}
