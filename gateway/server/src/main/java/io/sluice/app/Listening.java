package io.sluice.app;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import org.jspecify.annotations.Nullable;

/** Says why a listener does not listen. */
final class Listening {

  private Listening() {}

  /**
   * Returns the failure for a person to read.
   *
   * @param portSetting what chooses the port
   * @param hostSetting what chooses the address
   */
  static IOException explained(
      Exception failure, String host, int port, String portSetting, String hostSetting) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String remedy = remedy(cause, portSetting, hostSetting);
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

  /** The operating system tells its reasons apart by nothing but their text. */
  private static @Nullable String remedy(Throwable cause, String portSetting, String hostSetting) {
    if (cause instanceof UnresolvedAddressException
        || cause instanceof UnknownHostException
        || (cause instanceof BindException && reason(cause).contains("assign"))) {
      return "it is no address of this machine, choose another with " + hostSetting;
    }
    if (cause instanceof SocketException && reason(cause).contains("ermission denied")) {
      return "ports below 1024 take a privilege, choose another with " + portSetting;
    }
    return cause instanceof BindException
        ? "stop what uses it, or choose another with " + portSetting
        : null;
  }

  private static String reason(Throwable cause) {
    return cause.getMessage() == null ? "unknown host" : cause.getMessage();
  }
}
