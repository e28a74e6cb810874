package io.sluice.app;

import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import org.jspecify.annotations.Nullable;

/** Says why a listener does not listen. */
final class Listening {

  private Listening() {}

  /**
   * Returns the failure for a person to read.
   *
   * @param setting the key that chooses the port
   */
  static IOException explained(Exception failure, String host, int port, String setting) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String remedy = remedy(cause, setting);
      if (remedy != null) {
        return new IOException(
            "cannot listen on %s:%d (%s): %s".formatted(host, port, reason(cause), remedy),
            failure);
      }
    }
    return new IOException(
        "the listener on %s:%d did not start: %s".formatted(host, port, failure.getMessage()),
        failure);
  }

  private static @Nullable String remedy(Throwable cause, String setting) {
    if (cause instanceof BindException) {
      return "stop what uses it, or choose another with " + setting;
    }
    return cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException
        ? "it is no address of this machine"
        : null;
  }

  private static String reason(Throwable cause) {
    return cause.getMessage() == null ? "unknown host" : cause.getMessage();
  }
}
