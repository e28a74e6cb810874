package io.sluice.upstream;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * The opening of one connection. The host is looked up anew each time, away from the threads that
 * carry traffic, and its addresses are tried one after the other until the time is up.
 */
public final class Dial implements Sockets.Opening, NameLookup.Asking {

  /** Who wants a connection. */
  public interface Owner {

    /** A connection is open. Returns what is to serve it; {@link #claim} makes it the outcome. */
    Connection opened(EndPoint endPoint, Dial dial);

    /** No connection could be opened. */
    void failed(Dial dial, Throwable cause);
  }

  private final Owner owner;
  private final UpstreamSettings settings;
  private final NameLookup names;
  private final Sockets sockets;
  private final long by;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private Iterator<InetAddress> addresses = List.<InetAddress>of().iterator();
  private volatile @Nullable SocketChannel channel;
  private volatile @Nullable EndPoint agreeing;

  /**
   * Prepares to open a connection.
   *
   * @param names looks up the server's host
   */
  public Dial(Owner owner, UpstreamSettings settings, NameLookup names, Sockets sockets) {
    this.owner = owner;
    this.settings = settings;
    this.names = names;
    this.sockets = sockets;
    this.by = System.nanoTime() + settings.connectTimeout().toNanos();
  }

  /** Looks up the name and connects. */
  public void start() {
    names.find(this);
  }

  /** Returns whether the outcome is the caller's to tell: true once. */
  public boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  @Override
  public void agreeing(EndPoint endPoint) {
    agreeing = endPoint;
    if (claimed.get()) {
      endPoint.close();
    }
  }

  @Override
  public Connection opened(EndPoint endPoint) {
    return owner.opened(endPoint, this);
  }

  /** One address could not be connected to. */
  @Override
  public void failed(Throwable cause) {
    if (addresses.hasNext()) {
      tryNext();
    } else {
      end(cause);
    }
  }

  /** Gives up when the time is up. */
  public void check(long now) {
    if (now - by >= 0) {
      end(new SocketTimeoutException("the connection did not open in time"));
    }
  }

  @Override
  public void found(List<InetAddress> found) {
    addresses = found.iterator();
    tryNext();
  }

  @Override
  public void unknown(Exception why) {
    end(why);
  }

  private void tryNext() {
    if (claimed.get()) {
      return;
    }
    try {
      SocketChannel next = SocketChannel.open();
      agreeing = null;
      channel = next;
      next.configureBlocking(false);
      next.setOption(StandardSocketOptions.TCP_NODELAY, true);
      sockets.connect(next, new InetSocketAddress(addresses.next(), settings.port()), this);
    } catch (IOException | RuntimeException e) {
      close(e);
      failed(e);
    }
  }

  private void end(Throwable cause) {
    if (claim()) {
      close(cause);
      owner.failed(this, cause);
    }
  }

  private void close(Throwable cause) {
    EndPoint connected = agreeing;
    if (connected != null) {
      connected.close(cause);
    }
    SocketChannel current = channel;
    if (current != null) {
      try {
        current.close();
      } catch (IOException e) {
        // It was not open in the first place.
      }
    }
  }
}
