package io.sluice.upstream;

/** One request to the upstream. Thread-safe. */
public interface Call {

  /** Sends the request, as soon as a connection is free. To be called once. Never blocks. */
  void send();

  /**
   * Gives up, at whatever stage. The listener is told that the call is over, unless it has been
   * already; a connection that is in use is closed.
   */
  void abort(Throwable cause);
}
