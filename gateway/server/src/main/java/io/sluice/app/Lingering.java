package io.sluice.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes an HTTP/1 connection whose client has its whole answer and is still sending content that
 * nobody will read. Closed at once, the connection would be reset and the client could lose the
 * answer (RFC 9112, section 9.6); so ours is ended, and what comes is read away until the client
 * ends too, for a few seconds and megabytes at most.
 */
final class Lingering implements Callback {

  private static final long MOST_MILLIS = 5_000;
  private static final long MOST_OCTETS = 64L * 1024 * 1024;
  private static final int BUFFER = 16 * 1024;

  private final EndPoint endPoint;
  private final Runnable close;
  private final Scheduler.Task timer;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final ByteBuffer buffer = BufferUtil.allocate(BUFFER);
  private long octets;

  private Lingering(EndPoint endPoint, Scheduler scheduler, Runnable close) {
    this.endPoint = endPoint;
    this.close = close;
    this.timer = scheduler.schedule(this::finish, MOST_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Ends our side, reads away what comes, then runs {@code close}, once. */
  static void begin(EndPoint endPoint, Scheduler scheduler, Runnable close) {
    if (endPoint.isFillInterested() && endPoint instanceof AbstractEndPoint waiting) {
      // Whoever waited for content gets none: its answer is complete.
      waiting.getFillInterest().onFail(new QuietException.Exception("answered already"));
    }
    endPoint.shutdownOutput();
    new Lingering(endPoint, scheduler, close).succeeded();
  }

  @Override
  public void succeeded() {
    try {
      while (octets < MOST_OCTETS) {
        buffer.clear().limit(0);
        int read = endPoint.fill(buffer);
        if (read == 0) {
          endPoint.fillInterested(this);
          return;
        }
        if (read < 0) {
          break;
        }
        octets += read;
      }
      finish();
    } catch (IOException | ReadPendingException e) {
      finish();
    }
  }

  @Override
  public void failed(Throwable cause) {
    finish();
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  private void finish() {
    if (closed.compareAndSet(false, true)) {
      timer.cancel();
      close.run();
    }
  }
}
