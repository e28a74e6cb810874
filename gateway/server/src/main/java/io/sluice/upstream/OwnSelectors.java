package io.sluice.upstream;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.util.thread.Scheduler;

/** Selectors that serve connections to the upstream only. */
public final class OwnSelectors extends SelectorManager implements Sockets {

  /** Creates selectors, each with a thread of the executor's, that run from start to stop. */
  public OwnSelectors(Executor executor, Scheduler scheduler, int selectors) {
    super(executor, scheduler, selectors);
    setConnectTimeout(LONGEST_CONNECT);
  }

  @Override
  public void connect(SocketChannel channel, InetSocketAddress address, Opening opening)
      throws IOException {
    if (channel.connect(address)) {
      accept(channel, opening);
    } else {
      connect(channel, opening);
    }
  }

  @Override
  protected void connectionFailed(SelectableChannel channel, Throwable cause, Object opening) {
    ((Opening) opening).failed(cause);
  }

  @Override
  protected EndPoint newEndPoint(
      SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
    return new UpstreamEndPoint((SocketChannel) channel, selector, key, getScheduler());
  }

  @Override
  public Connection newConnection(SelectableChannel channel, EndPoint endPoint, Object opening) {
    return ((Opening) opening).opened(endPoint);
  }
}
