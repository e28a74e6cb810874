package io.sluice.bench.prove;

import io.sluice.bench.fleet.ClientConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Sends a scenario's requests over many connections from one thread, each connection one request
 * after the other, and counts the answers. Requests that follow one another name the same caller
 * and go to different gateways, so that these fight over each bucket.
 */
final class Load {

  private static final long PATIENCE_MILLIS = 30_000;

  private final Scenario scenario;
  private final List<InetSocketAddress> gateways;
  private final Counts counts;
  private final byte[][][] requests;
  private final long end;
  private long next;
  private int underWay;

  private Load(Scenario scenario, List<InetSocketAddress> gateways, long mostSeconds) {
    this.scenario = scenario;
    this.gateways = gateways;
    this.counts = new Counts(scenario.callers(), gateways.size());
    this.requests = new byte[scenario.callers()][2][];
    this.end = System.nanoTime() + TimeUnit.SECONDS.toNanos(mostSeconds);
  }

  /**
   * Sends all requests, or as many as fit into the time, and waits for every answer.
   *
   * @throws IOException when a gateway cannot be reached any more
   */
  static Counts run(
      Scenario scenario, List<InetSocketAddress> gateways, int connections, long mostSeconds)
      throws IOException {
    return new Load(scenario, gateways, mostSeconds).run(connections);
  }

  private Counts run(int connections) throws IOException {
    List<ClientConnection> open = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < connections; i++) {
        open.add(connect(i % gateways.size(), selector));
      }
      for (ClientConnection connection : List.copyOf(open)) {
        ask(connection, open, selector);
      }
      while (underWay > 0) {
        serve(selector, open);
      }
    } finally {
      for (ClientConnection connection : open) {
        connection.close();
      }
    }
    return counts;
  }

  private void serve(Selector selector, List<ClientConnection> open) throws IOException {
    if (selector.select(PATIENCE_MILLIS) == 0) {
      for (ClientConnection connection : List.copyOf(open)) {
        if (connection.request() >= 0) {
          replace(connection, open, selector);
        }
      }
    }
    for (SelectionKey key : selector.selectedKeys()) {
      if (key.attachment() instanceof ClientConnection connection) {
        serve(connection, open, selector);
      }
    }
    selector.selectedKeys().clear();
  }

  private void serve(ClientConnection connection, List<ClientConnection> open, Selector selector)
      throws IOException {
    long request = connection.request();
    int status;
    try {
      status = connection.advance();
    } catch (IOException e) {
      replace(connection, open, selector);
      return;
    }
    if (status != 0) {
      answered(request, connection.gateway(), status);
      ask(connection, open, selector);
    }
  }

  private void ask(ClientConnection connection, List<ClientConnection> open, Selector selector)
      throws IOException {
    if (next == scenario.decisions() || System.nanoTime() - end >= 0) {
      return;
    }
    long request = next++;
    underWay++;
    try {
      connection.ask(request, octets(request));
    } catch (IOException e) {
      replace(connection, open, selector);
    }
  }

  /** Gives up a connection and what is under way on it; a new one goes on in its place. */
  private void replace(ClientConnection broken, List<ClientConnection> open, Selector selector)
      throws IOException {
    broken.close();
    open.remove(broken);
    if (broken.request() >= 0) {
      answered(broken.request(), broken.gateway(), 0);
    }
    ClientConnection fresh = connect(broken.gateway(), selector);
    open.add(fresh);
    ask(fresh, open, selector);
  }

  private ClientConnection connect(int gateway, Selector selector) throws IOException {
    return new ClientConnection(gateway, gateways.get(gateway), selector);
  }

  private void answered(long request, int gateway, int status) {
    underWay--;
    int caller = scenario.callerOf(request, gateways.size());
    counts.count(caller, Scenario.endpointOf(request), gateway, status);
  }

  private byte[] octets(long request) {
    int caller = scenario.callerOf(request, gateways.size());
    int endpoint = Scenario.endpointOf(request);
    byte[] octets = requests[caller][endpoint];
    if (octets == null) {
      octets = scenario.request(caller, endpoint);
      requests[caller][endpoint] = octets;
    }
    return octets;
  }
}
