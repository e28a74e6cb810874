package io.sluice.websocket;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/** One of a tunnel's two connections, after it spoke HTTP: tells the tunnel what happens on it. */
final class TunnelEnd extends AbstractConnection.NonBlocking implements Connection.UpgradeTo {

  private final io.sluice.websocket.Tunnel tunnel;
  private ByteBuffer early = BufferUtil.EMPTY_BUFFER;

  TunnelEnd(EndPoint endPoint, Executor executor, io.sluice.websocket.Tunnel tunnel) {
    super(endPoint, executor);
    this.tunnel = tunnel;
  }

  /** Octets that came behind the head and were received with it. */
  @Override
  public void onUpgradeTo(ByteBuffer buffer) {
    early = buffer;
  }

  ByteBuffer early() {
    return early;
  }

  @Override
  public void onOpen() {
    super.onOpen();
    tunnel.opened(this);
  }

  @Override
  public void onFillable() {
    tunnel.readable(this);
  }

  @Override
  public void onFillInterestedFailed(Throwable cause) {
    tunnel.broke(this);
  }

  @Override
  public void onClose(@Nullable Throwable cause) {
    super.onClose(cause);
    tunnel.broke(this);
  }

  /** The tunnel keeps its own time. */
  @Override
  public boolean onIdleExpired(TimeoutException timeout) {
    return false;
  }
}
