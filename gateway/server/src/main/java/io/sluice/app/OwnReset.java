package io.sluice.app;

import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.util.Callback;

/** A reset that the gateway sends of its own accord, so that it is not held against the client. */
final class OwnReset extends ResetFrame {

  private final boolean told;

  private OwnReset(int stream, ErrorCode code, boolean told) {
    super(stream, code.code);
    this.told = told;
  }

  /** Returns whether the request knows of the reset. */
  boolean isTold() {
    return told;
  }

  /** Resets a stream of which the request does not know yet that it has failed. */
  static void force(ConnectionMetaData connection, HttpStream stream) {
    send(connection, stream, ErrorCode.INTERNAL_ERROR, false);
  }

  /**
   * Resets a stream of HTTP/2.
   *
   * @return false when there is nothing to reset, because the stream has ended or the client has
   *     reset it, which is not to be answered with a reset (RFC 9113, section 5.4.2)
   */
  static boolean send(ConnectionMetaData connection, HttpStream stream, ErrorCode code) {
    return send(connection, stream, code, true);
  }

  private static boolean send(
      ConnectionMetaData connection, HttpStream stream, ErrorCode code, boolean told) {
    HTTP2Connection http2 = (HTTP2Connection) connection.getConnection();
    HTTP2Stream open = http2.getSession().getStream(Integer.parseInt(stream.getId()));
    if (open == null) {
      return false;
    }
    open.reset(new OwnReset(open.getId(), code, told), Callback.NOOP);
    return true;
  }
}
