package io.sluice.app;

import io.sluice.request.Exchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.FillInterest;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Watches the connection of one HTTP/1 exchange for its client's leaving, while the request has
 * been read whole and the answer is awaited, when the server itself reads nothing.
 *
 * <p>Only reading tells an end from octets, so one octet is read when the connection becomes
 * readable. An end is told to the exchange. An octet belongs to the client's next request: it is
 * given back to the connection when this exchange ends, and until then nothing more is read.
 *
 * <p>Whoever ends the exchange withdraws the watch before the server reads from the connection
 * again. This object's monitor decides who is first: after {@link #withdraw} nothing is read here,
 * whatever callbacks are still on their way.
 */
final class AbortWatch implements Callback {

  private final ClientConnection connection;
  private final Exchange exchange;
  private final ByteBuffer ahead = BufferUtil.allocate(1);
  private boolean withdrawn;
  private boolean waiting;

  AbortWatch(ClientConnection connection, Exchange exchange) {
    this.connection = connection;
    this.exchange = exchange;
  }

  /**
   * Begins, unless a next request is here already; under this object's monitor, entered before the
   * exchange knew of the watch.
   */
  void begin() {
    if (connection.isRequestBufferEmpty()) {
      await();
    }
  }

  /** Stops. What was read too much is back in the connection on return. */
  synchronized void withdraw() {
    withdrawn = true;
    if (waiting) {
      // A callback that has been taken from there already finds itself withdrawn.
      waiting = false;
      FillInterest interest = connection.getEndPoint().getFillInterest();
      interest.onFail(new QuietException.Exception("the exchange has ended"));
    }
    if (ahead.hasRemaining()) {
      connection.unread(ahead.get());
    }
  }

  @Override
  public void succeeded() {
    synchronized (this) {
      if (withdrawn || !waiting) {
        return;
      }
      waiting = false;
      if (!hasLeft()) {
        return;
      }
    }
    tell();
  }

  /** The connection was closed from our side, or the watch is withdrawn. */
  @Override
  public void failed(Throwable cause) {
    synchronized (this) {
      if (withdrawn || !waiting) {
        return;
      }
      waiting = false;
    }
    tell();
  }

  private void tell() {
    exchange.abandon(new EofException("the client has left"));
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  private boolean hasLeft() {
    try {
      int octets = connection.getEndPoint().fill(ahead);
      if (octets == 0) {
        await();
      }
      return octets < 0 && connection.all().halfCloseCancels();
    } catch (IOException e) {
      return true;
    }
  }

  private void await() {
    waiting = true;
    waiting = connection.getEndPoint().tryFillInterested(this) && waiting;
  }
}
