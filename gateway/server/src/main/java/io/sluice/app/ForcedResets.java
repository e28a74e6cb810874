package io.sluice.app;

import java.io.EOFException;
import org.eclipse.jetty.http2.HTTP2Channel;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.frames.Frame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.Callback;

/**
 * Tells a request that its stream has been reset because of what its client sent: more content than
 * announced, a window beyond all bounds, content after the end. Jetty tells nobody, and the work
 * for a request that can have no answer would go on (CVE-2025-5115). Thread-safe.
 */
final class ForcedResets implements HTTP2Session.FrameListener {

  @Override
  public void onOutgoingFrame(Session session, Frame frame) {
    if (frame instanceof ResetFrame reset && !(frame instanceof OwnReset own && own.isTold())) {
      HTTP2Session connection = (HTTP2Session) session;
      HTTP2Stream stream = connection.getStream(reset.getStreamId());
      if (stream != null && stream.getAttachment() instanceof HTTP2Channel.Server request) {
        Runnable task =
            request.onFailure(new EOFException("the stream had to be reset"), Callback.NOOP);
        ((HTTP2Connection) connection.getEndPoint().getConnection()).offerTask(task, true);
      }
    }
  }
}
