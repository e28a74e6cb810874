package io.sluice.tls;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Refuses, with 421 (RFC 9110, section 15.5.20), a request for a host that another of our
 * certificates is for: the client was shown the wrong one for it, and is right on a connection of
 * its own. That the name asked for in the handshake and the host differ is no reason alone: HTTP/2
 * clients use one connection for all hosts of its certificate (RFC 9113, section 9.1.1). Nor is a
 * host that we have no certificate for: another connection would be shown the same.
 */
final class Misdirection implements HttpConfiguration.Customizer {

  private final Certificates certificates;

  Misdirection(Certificates certificates) {
    this.certificates = certificates;
  }

  @Override
  public Request customize(Request request, HttpFields.Mutable answer) {
    CertificateSet set = certificates.set();
    if (set.all().size() > 1) {
      EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
      String host = Request.getServerName(request);
      if (endPoint instanceof SslConnection.SslEndPoint within
          && within.getSslConnection() instanceof TlsConnection tls
          && host != null
          && set.isMisdirected(tls.requestedName(), host)) {
        throw new HttpException.RuntimeException(
            HttpStatus.MISDIRECTED_REQUEST_421, "this host has another certificate");
      }
    }
    return request;
  }
}
