package io.sluice.app;

import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening socket that can be closed while clients connect. The system completes connections
 * before they are accepted, and resets those that are left when the socket is closed: to such a
 * client it looks as if the gateway had taken its connection and dropped it. So what waits is taken
 * in first, and the socket is closed at the next instruction. That leaves the microseconds between
 * the two calls, in which Linux offers no way to refuse a handshake that it has begun; only a
 * client that was sent elsewhere before ({@code server.drain-delay}) is out of their reach.
 * Thread-safe.
 */
final class Doorway {

  /** Takes in a client. */
  interface Host {
    void welcome(SocketChannel client) throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Doorway.class);

  private final ServerSocketChannel listening;
  private final Selector selector;

  Doorway(ServerSocketChannel listening) throws IOException {
    this.listening = listening;
    this.selector = Selector.open();
    listening.configureBlocking(false);
    listening.register(selector, SelectionKey.OP_ACCEPT);
  }

  /**
   * Waits for a client and takes it in; returns without one when none has come after all.
   *
   * @throws java.nio.channels.ClosedChannelException when the door has been shut
   */
  void take(Host host) throws IOException {
    if (!takeWaiting(host)) {
      await();
      takeWaiting(host);
    }
  }

  private void await() throws IOException {
    try {
      selector.select(key -> {});
    } catch (ClosedSelectorException e) {
      // The door is being shut; who looks next will see it closed.
    }
  }

  /** Takes in all who have connected, and closes: who was not taken in by now, never will be. */
  synchronized void shut(Host host) {
    // The selector first: a channel that it knows is closed by whoever selects next, and until that
    // thread has run, clients would go on connecting to a door that nobody opens.
    closeSelector();
    try {
      while (takeWaiting(host)) {
        // Until none is left.
      }
    } catch (IOException e) {
      LOG.warn("clients that had just connected may have been turned away: {}", e.toString());
    }
    closeSocket();
  }

  // In one step, so that none is between the door and the room when the door is shut.
  private synchronized boolean takeWaiting(Host host) throws IOException {
    SocketChannel client = listening.accept();
    if (client == null) {
      return false;
    }
    host.welcome(client);
    return true;
  }

  synchronized void close() {
    closeSelector();
    closeSocket();
  }

  private void closeSelector() {
    try {
      selector.close();
    } catch (IOException e) {
      LOG.warn("nobody watches the listening socket any more, though: {}", e.toString());
    }
  }

  private void closeSocket() {
    try {
      listening.close();
    } catch (IOException e) {
      LOG.warn("the listening socket was not closed in order: {}", e.toString());
    }
  }
}
