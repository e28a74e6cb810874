package io.sluice.upstream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;

/** Where connections to the upstream are opened and served: on which selectors. Thread-safe. */
public interface Sockets {

  /**
   * The connect time-out of the selectors, in milliseconds: more than any connection may take to
   * open, because who opens one keeps its own, shorter time.
   */
  long LONGEST_CONNECT = 3_600_000;

  /** Somebody who waits for a channel to connect. */
  interface Opening {

    /**
     * The channel is connected, and something is still to be agreed upon before {@link #opened}.
     * Whoever gives up meanwhile closes the end point.
     */
    default void agreeing(EndPoint endPoint) {}

    /** The channel is connected. Returns what is to serve it. */
    Connection opened(EndPoint endPoint);

    /** The channel could not be connected. */
    void failed(Throwable cause);
  }

  /**
   * Connects a channel that does not block, and tells how it went.
   *
   * @throws IOException when it fails at once; then nothing else is told
   */
  void connect(SocketChannel channel, InetSocketAddress address, Opening opening)
      throws IOException;
}
