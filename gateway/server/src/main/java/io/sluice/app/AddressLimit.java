package io.sluice.app;

import io.sluice.proxy.ClientCut;
import io.sluice.proxy.CutObserver;
import io.sluice.request.Cidr;
import io.sluice.request.IpAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.SelectorManager;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the connections of each client address; further ones are closed as they are accepted. A
 * block of IPv6 addresses counts as one, as it does for limits. Proxies that are trusted are not
 * bound, because many clients come through them. Thread-safe.
 */
final class AddressLimit implements SelectorManager.AcceptListener {

  private final int most;
  private final int prefix;
  private final List<Cidr> trusted;
  private final CutObserver observer;
  private final Map<InetAddress, Integer> counts = new ConcurrentHashMap<>();
  private final Map<SelectableChannel, InetAddress> counted = new ConcurrentHashMap<>();

  /**
   * Creates a limit.
   *
   * @param most connections of one address at once
   * @param prefix leading bits of an IPv6 address that count
   * @param trusted addresses that are not bound
   */
  AddressLimit(int most, int prefix, List<Cidr> trusted, CutObserver observer) {
    this.most = most;
    this.prefix = prefix;
    this.trusted = List.copyOf(trusted);
    this.observer = observer;
  }

  @Override
  public void onAccepting(SelectableChannel channel) {
    InetAddress address = address(channel);
    if (address == null || isTrusted(address)) {
      return;
    }
    InetAddress block = address instanceof Inet6Address ? IpAddress.mask(address, prefix) : address;
    counted.put(channel, block);
    if (counts.merge(block, 1, Integer::sum) > most) {
      observer.cut(ClientCut.ADDRESS);
      close(channel);
    }
  }

  @Override
  public void onAcceptFailed(SelectableChannel channel, Throwable cause) {
    onClosed(channel);
  }

  @Override
  public void onClosed(SelectableChannel channel) {
    InetAddress block = counted.remove(channel);
    if (block != null) {
      counts.computeIfPresent(block, (key, count) -> count == 1 ? null : count - 1);
    }
  }

  /** Returns how many addresses are counted. */
  int addresses() {
    return counts.size();
  }

  private boolean isTrusted(InetAddress address) {
    for (Cidr block : trusted) {
      if (block.contains(address)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable InetAddress address(SelectableChannel channel) {
    try {
      return channel instanceof SocketChannel socket
              && socket.getRemoteAddress() instanceof InetSocketAddress remote
          ? remote.getAddress()
          : null;
    } catch (IOException goneAlready) {
      return null;
    }
  }

  private static void close(SelectableChannel channel) {
    try {
      channel.close();
    } catch (IOException goneAlready) {
      // That is what was wanted.
    }
  }
}
