package io.sluice.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection under TLS. Its handshake has a fixed time, however slowly its octets drip
 * in. A client that speaks HTTP without TLS is told so in the clear. Nothing is renegotiated.
 */
final class TlsConnection extends SslConnection implements SslHandshakeListener {

  private static final byte[] NOT_TLS =
      badRequest("this port speaks TLS only; use https:// in place of http://\n");

  private final RequestedName name;
  private final Scheduler scheduler;
  private final Duration handshakeTimeout;
  private Scheduler.@Nullable Task deadline;
  private boolean heard;

  TlsConnection(
      Connector connector,
      EndPoint endPoint,
      SSLEngine engine,
      RequestedName name,
      Duration handshakeTimeout) {
    super(connector.getByteBufferPool(), connector.getExecutor(), null, endPoint, engine);
    this.name = name;
    this.scheduler = connector.getScheduler();
    this.handshakeTimeout = handshakeTimeout;
    setRenegotiationAllowed(false);
    addHandshakeListener(this);
  }

  /** Returns the name that the client asked for; null when it asked for none. */
  @Nullable String requestedName() {
    return name.name();
  }

  @Override
  public void onOpen() {
    deadline = scheduler.schedule(this::giveUp, handshakeTimeout.toMillis(), TimeUnit.MILLISECONDS);
    super.onOpen();
  }

  @Override
  public void onClose(@Nullable Throwable cause) {
    lift();
    super.onClose(cause);
  }

  @Override
  public void handshakeSucceeded(Event event) {
    lift();
  }

  @Override
  protected SSLEngineResult unwrap(SSLEngine engine, ByteBuffer input, ByteBuffer output)
      throws SSLException {
    if (!heard && input.hasRemaining()) {
      heard = true;
      byte first = input.get(input.position());
      if (first >= 'A' && first <= 'Z') {
        tellThatThisIsTls();
      }
    }
    return super.unwrap(engine, input, output);
  }

  /** No record of TLS begins with a letter, and every request of HTTP does. */
  private void tellThatThisIsTls() throws SSLException {
    SSLException reason = new SSLException("the client spoke HTTP without TLS");
    try {
      getEndPoint().flush(ByteBuffer.wrap(NOT_TLS));
      getEndPoint().shutdownOutput();
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
    throw reason;
  }

  private static byte[] badRequest(String content) {
    return """
    HTTP/1.1 400 Bad Request\r
    Content-Type: text/plain\r
    Content-Length: %d\r
    Connection: close\r
    \r
    %s\
    """
        .formatted(content.length(), content)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private void lift() {
    Scheduler.Task task = deadline;
    if (task != null) {
      task.cancel();
    }
  }

  private void giveUp() {
    getEndPoint().close(new TimeoutException("the handshake took too long"));
  }
}
