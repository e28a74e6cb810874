package io.sluice.app;

import io.sluice.pem.BadCertificateException;
import io.sluice.tls.TlsSockets;
import io.sluice.tls.UpstreamContext;
import io.sluice.tls.UpstreamTls;
import io.sluice.upstream.Protocol;
import io.sluice.upstream.Sockets;
import io.sluice.upstream.UpstreamSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sockets that lead to upstreams, under TLS where the URL asks for that. The files of {@code
 * upstream-tls} are read when the first such URL is met. Thread-safe.
 */
final class UpstreamSockets {

  private final GatewayServer server;
  private final UpstreamTls tls;
  private @Nullable UpstreamContext context;

  UpstreamSockets(GatewayServer server, UpstreamTls tls) {
    this.server = server;
    this.tls = tls;
  }

  /**
   * Returns the sockets to one server.
   *
   * @throws UncheckedIOException when a file of {@code upstream-tls} can no longer be read
   */
  Sockets to(UpstreamSettings upstream) {
    return upstream.isSecure()
        ? new TlsSockets(
            server.sockets(),
            context(),
            upstream.upstream().getHost(),
            upstream.port(),
            List.of(upstream.protocol() == Protocol.H2 ? "h2" : "http/1.1"),
            server.executor(),
            server.buffers())
        : server.sockets();
  }

  private synchronized UpstreamContext context() {
    UpstreamContext known = context;
    if (known == null) {
      try {
        known = new UpstreamContext(tls);
      } catch (BadCertificateException e) {
        throw new UncheckedIOException(new IOException(e.getMessage(), e));
      }
      context = known;
    }
    return known;
  }
}
