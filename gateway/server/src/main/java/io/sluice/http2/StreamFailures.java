package io.sluice.http2;

import io.sluice.upstream.StaleConnectionException;
import java.io.IOException;
import java.net.ProtocolException;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.RetryableStreamException;

/** Tells what it means for a call that Jetty has failed its stream. */
final class StreamFailures {

  private StreamFailures() {}

  /**
   * Returns the failure as a call's listener knows it.
   *
   * @param error the code of HTTP/2 that Jetty gave to the failure
   * @param unheard whether the connection had served before and nothing of this answer has come
   */
  static Throwable explained(int error, Throwable failure, boolean unheard) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof RetryableStreamException) {
        // GOAWAY names the last stream that was taken up (RFC 9113, section 6.8).
        return new StaleConnectionException("the upstream went away before the request");
      }
    }
    if (isViolation(error)) {
      return new ProtocolException("the upstream does not follow HTTP/2: " + failure.getMessage());
    }
    if (unheard) {
      return new StaleConnectionException("the upstream closed the connection");
    }
    return failure instanceof IOException ? failure : new IOException(failure);
  }

  private static boolean isViolation(int error) {
    ErrorCode code = ErrorCode.from(error);
    return code != null
        && switch (code) {
          case PROTOCOL_ERROR,
              FLOW_CONTROL_ERROR,
              STREAM_CLOSED_ERROR,
              FRAME_SIZE_ERROR,
              COMPRESSION_ERROR ->
              true;
          default -> false;
        };
  }
}
