package io.sluice.app;

import java.util.function.LongSupplier;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RateControl;

/**
 * Decides when the peer of one HTTP/2 connection has done too much that costs it nothing. Jetty
 * asks about each such event, and ends the connection with ENHANCE_YOUR_CALM when the answer is no.
 *
 * <p>There are two budgets. Requests that are given up, by the peer's RST_STREAM (CVE-2023-44487)
 * or by ours to what does not follow the protocol (CVE-2025-5115), cost work that nobody gets.
 * Other frames that carry nothing (PING, SETTINGS, PRIORITY, CONTINUATION, empty DATA, late
 * WINDOW_UPDATE) cost little, but some want an answer: the more of those wait unsent because the
 * peer reads none, the less it may ask.
 *
 * <p>Free are our own resets, because a client does not choose them, and the content that was on
 * its way when one was sent, which no honest client can help and flow control bounds. So a client
 * may have as many uploads refused as it likes. Thread-safe.
 */
final class FrameBudget implements RateControl {

  /** Far more than the answers, windows and acknowledgements that wait while one write goes on. */
  private static final int MOST_UNSENT = 1000;

  private final Allowance resets;
  private final Allowance controls;
  private final EndPoint endPoint;

  FrameBudget(Http2Settings settings, EndPoint endPoint) {
    this(settings, endPoint, System::nanoTime);
  }

  FrameBudget(Http2Settings settings, EndPoint endPoint, LongSupplier nanoTime) {
    this.resets = new Allowance(settings.maxResets(), nanoTime);
    this.controls = new Allowance(settings.maxControlFrames(), nanoTime);
    this.endPoint = endPoint;
  }

  @Override
  public boolean onEvent(Object event) {
    if (event instanceof OwnReset) {
      return true;
    }
    if (event instanceof ResetFrame || event instanceof HeadersFrame) {
      return resets.take();
    }
    if (event instanceof DataFrame data && data.remaining() > 0) {
      return true;
    }
    return controls.take() && unsent() <= MOST_UNSENT;
  }

  private int unsent() {
    return endPoint.getConnection() instanceof HTTP2Connection connection
        ? connection.getSession().getFrameQueueSize()
        : 0;
  }

  /** Gives each connection budgets of its own. */
  static final class Factory implements RateControl.Factory {

    private final Http2Settings settings;

    Factory(Http2Settings settings) {
      this.settings = settings;
    }

    @Override
    public RateControl newRateControl(EndPoint endPoint) {
      return new FrameBudget(settings, endPoint);
    }
  }

  /** So many in a second, and no more than that at once. */
  private static final class Allowance {

    private static final double SECOND = 1e9;

    private final int each;
    private final LongSupplier nanoTime;
    private double left;
    private long seen;

    Allowance(int each, LongSupplier nanoTime) {
      this.each = each;
      this.nanoTime = nanoTime;
      this.left = each;
      this.seen = nanoTime.getAsLong();
    }

    synchronized boolean take() {
      long now = nanoTime.getAsLong();
      left = Math.min(each, left + (now - seen) / SECOND * each);
      seen = now;
      if (left < 1) {
        return false;
      }
      left--;
      return true;
    }
  }
}
