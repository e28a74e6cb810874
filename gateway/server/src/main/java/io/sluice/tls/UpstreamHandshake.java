package io.sluice.tls;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLHandshakeException;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * Carries a connection to the upstream through its handshake, and then gives its place to what
 * serves the connection. Its work is left to the executor's threads: ciphers of the handshake are
 * too slow for those that serve everybody. The time for it is kept by whoever opens the connection.
 */
final class UpstreamHandshake extends AbstractConnection implements SslHandshakeListener {

  private final TlsSockets.Secured opening;
  private final AtomicBoolean told = new AtomicBoolean();
  private volatile boolean agreed;
  private volatile @Nullable Throwable reason;

  UpstreamHandshake(SslConnection connection, Executor executor, TlsSockets.Secured opening) {
    super(connection.getSslEndPoint(), executor);
    this.opening = opening;
    connection.addHandshakeListener(this);
  }

  @Override
  public void onOpen() {
    super.onOpen();
    getExecutor().execute(this::begin);
  }

  @Override
  public void onFillable() {
    advance();
  }

  @Override
  public void onFillInterestedFailed(Throwable cause) {
    refuse(cause);
  }

  @Override
  public void onClose(@Nullable Throwable cause) {
    super.onClose(cause);
    if (!agreed) {
      refuse(cause == null ? new IOException("closed") : cause);
    }
  }

  @Override
  public void handshakeSucceeded(Event event) {
    agreed = true;
  }

  @Override
  public void handshakeFailed(Event event, Throwable failure) {
    reason = failure; // What is told of the end otherwise may be no more than that it ended.
  }

  private void begin() {
    try {
      getEndPoint().flush(BufferUtil.EMPTY_BUFFER);
      advance();
    } catch (IOException | RuntimeException e) {
      refuse(e);
    }
  }

  private void advance() {
    try {
      int filled = getEndPoint().fill(BufferUtil.EMPTY_BUFFER);
      if (agreed) {
        EndPoint within = getEndPoint();
        within.upgrade(opening.agreed(within));
      } else if (filled < 0) {
        refuse(new IOException("the upstream closed the connection"));
      } else {
        fillInterested();
      }
    } catch (IOException | RuntimeException e) {
      refuse(e);
    }
  }

  private void refuse(Throwable ending) {
    if (told.compareAndSet(false, true)) {
      Throwable known = reason;
      SSLHandshakeException failure = asHandshake(known == null ? ending : known);
      opening.refused(failure);
      getEndPoint().close(failure);
    }
  }

  private static SSLHandshakeException asHandshake(Throwable cause) {
    if (cause instanceof SSLHandshakeException already) {
      return already;
    }
    SSLHandshakeException failure =
        new SSLHandshakeException("the TLS handshake failed: " + cause.getMessage());
    failure.initCause(cause);
    return failure;
  }
}
