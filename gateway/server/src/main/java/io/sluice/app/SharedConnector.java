package io.sluice.app;

import io.sluice.upstream.Sockets;
import io.sluice.upstream.UpstreamEndPoint;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Listens for clients and lends its selectors to the connections to the upstream, so that the
 * thread that read a request can also read its answer: waking another one costs more than either.
 *
 * <p>Connections to the upstream are not the server's: neither its connection limit nor its
 * statistics, idle time-outs or draining know of them.
 */
final class SharedConnector extends ServerConnector implements Sockets {

  /**
   * The channels that lead to the upstream; weak, as one given up while it connects tells nobody.
   */
  private final Set<Object> outward =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  /** Clients that have been let in and whose connection is not set up yet. */
  private final Set<Object> entering = ConcurrentHashMap.newKeySet();

  private volatile @Nullable Doorway doorway;

  SharedConnector(Server server, int selectors, ConnectionFactory... protocols) {
    super(server, null, null, null, 1, selectors, protocols);
    getSelectorManager().setConnectTimeout(LONGEST_CONNECT);
  }

  @Override
  public void open(ServerSocketChannel listening) throws IOException {
    super.open(listening);
    doorway = new Doorway(listening);
  }

  @Override
  public void accept(int acceptor) throws IOException {
    Doorway open = doorway;
    if (open != null) {
      open.take(this::enter);
    }
  }

  /** Stops listening. Who is connected already, even if not accepted yet, is served. */
  void shutDoor() {
    Doorway open = doorway;
    if (open != null) {
      open.shut(this::enter);
    }
    close();
  }

  @Override
  public void close() {
    Doorway open = doorway;
    if (open != null) {
      open.close();
    }
    super.close();
  }

  private void enter(SocketChannel client) throws IOException {
    client.configureBlocking(false);
    configure(client.socket());
    getSelectorManager().accept(client);
  }

  /** Returns whether any client is connected, those who are just entering among them. */
  boolean hasClients() {
    // In this order: who has stopped entering is connected by then.
    return !entering.isEmpty() || !getConnectedEndPoints().isEmpty();
  }

  @Override
  public void connect(SocketChannel channel, InetSocketAddress address, Opening opening)
      throws IOException {
    outward.add(channel);
    try {
      if (channel.connect(address)) {
        getSelectorManager().accept(channel, opening);
      } else {
        getSelectorManager().connect(channel, opening);
      }
    } catch (IOException | RuntimeException e) {
      outward.remove(channel);
      throw e;
    }
  }

  @Override
  protected SelectorManager newSelectorManager(
      Executor executor, Scheduler scheduler, int selectors) {
    return new BothWays(executor, scheduler, selectors);
  }

  private final class BothWays extends ServerConnectorManager {

    BothWays(Executor executor, Scheduler scheduler, int selectors) {
      super(executor, scheduler, selectors);
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(
        SelectableChannel channel, ManagedSelector selector, SelectionKey key) throws IOException {
      return outward.contains(channel)
          ? new UpstreamEndPoint((SocketChannel) channel, selector, key, getScheduler())
          : super.newEndPoint(channel, selector, key);
    }

    @Override
    public Connection newConnection(SelectableChannel channel, EndPoint endPoint, Object attachment)
        throws IOException {
      if (attachment instanceof Opening opening) {
        endPoint.setIdleTimeout(0);
        return opening.opened(endPoint);
      }
      return super.newConnection(channel, endPoint, attachment);
    }

    @Override
    protected void connectionFailed(SelectableChannel channel, Throwable cause, Object attachment) {
      outward.remove(channel);
      if (attachment instanceof Opening opening) {
        opening.failed(cause);
      }
    }

    @Override
    protected void onAcceptFailed(SelectableChannel channel, Throwable cause, Object attachment) {
      if (attachment instanceof Opening) {
        connectionFailed(channel, cause, attachment);
      } else {
        entering.remove(channel);
        super.onAcceptFailed(channel, cause, attachment);
      }
    }

    @Override
    protected void onAccepting(SelectableChannel channel) {
      if (!outward.contains(channel)) {
        super.onAccepting(channel);
        entering.add(channel);
      }
    }

    @Override
    protected void onAccepted(SelectableChannel channel) {
      if (!outward.contains(channel)) {
        super.onAccepted(channel);
      }
    }

    @Override
    protected void endPointOpened(EndPoint endPoint) {
      if (!outward.contains(endPoint.getTransport())) {
        super.endPointOpened(endPoint);
        entering.remove(endPoint.getTransport());
      }
    }

    @Override
    protected void endPointClosed(EndPoint endPoint) {
      if (!outward.remove(endPoint.getTransport())) {
        super.endPointClosed(endPoint);
      }
    }
  }
}
