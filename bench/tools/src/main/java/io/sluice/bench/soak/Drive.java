package io.sluice.bench.soak;

import io.sluice.bench.fleet.ClientConnection;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests when their time has come, whatever became of those before: a gateway that pauses
 * finds them waiting, and their time counts from when they were due. Connections are bounded: a
 * request that finds none waits. One thread runs it; the results are read when that has ended.
 */
final class Drive {

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);
  private static final int MOST_ONCE = 32;

  /** A request that has been due. */
  private record Due(Ask ask, long at, @Nullable Phase phase) {}

  private final List<InetSocketAddress> gateways;
  private final Asks asks;
  private final Supplier<@Nullable Phase> phase;
  private final List<Ledger> ledgers;
  private final Latencies latencies = new Latencies();
  private final List<Deque<Due>> waiting = new ArrayList<>();
  private final List<Deque<ClientConnection>> idle = new ArrayList<>();
  private final IdentityHashMap<ClientConnection, Due> underWay = new IdentityHashMap<>();
  private int once;
  private long worstLag;
  private volatile boolean over;

  /**
   * Creates one.
   *
   * @param phase what a request that is sent now belongs to; null while that is not measured
   */
  Drive(
      List<Traffic> traffics,
      List<InetSocketAddress> gateways,
      Asks asks,
      Supplier<@Nullable Phase> phase) {
    this.gateways = List.copyOf(gateways);
    this.asks = asks;
    this.phase = phase;
    this.ledgers = traffics.stream().map(Ledger::new).toList();
  }

  /** Asks no more; {@link #run} returns when all has been answered. */
  void stop() {
    over = true;
  }

  /**
   * Runs until it is stopped.
   *
   * @param connections kept connections to each gateway
   */
  void run(int connections) throws IOException {
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < gateways.size(); i++) {
        waiting.add(new ArrayDeque<>());
        idle.add(new ArrayDeque<>());
        for (int j = 0; j < connections; j++) {
          idle.get(i).add(connect(i, selector));
        }
      }
      loop(selector);
      for (SelectionKey key : List.copyOf(selector.keys())) {
        key.channel().close();
      }
    }
  }

  private void loop(Selector selector) throws IOException {
    long next = System.nanoTime();
    while (!over || !isQuiet()) {
      long now = System.nanoTime();
      worstLag = over ? worstLag : Math.max(worstLag, now - next);
      while (!over && next <= now) {
        Ask ask = asks.next();
        waiting.get(ask.gateway()).add(new Due(ask, now, phase.get()));
        next += asks.pause();
      }
      for (int i = 0; i < gateways.size(); i++) {
        sendWaiting(i, selector);
      }
      long pause = over ? TimeUnit.MILLISECONDS.toNanos(10) : next - System.nanoTime();
      if (selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(pause))) > 0) {
        serve(selector);
      }
      giveUpLate(selector);
    }
  }

  private boolean isQuiet() {
    return underWay.isEmpty() && waiting.stream().allMatch(Deque::isEmpty);
  }

  private void sendWaiting(int gateway, Selector selector) throws IOException {
    Deque<Due> queue = waiting.get(gateway);
    Deque<ClientConnection> free = idle.get(gateway);
    while (!queue.isEmpty()) {
      boolean own = queue.element().ask().once() && once < MOST_ONCE;
      if (!own && free.isEmpty()) {
        return;
      }
      once += own ? 1 : 0;
      send(queue.remove(), own, own ? connect(gateway, selector) : free.remove(), selector);
    }
  }

  private void send(Due due, boolean own, ClientConnection connection, Selector selector)
      throws IOException {
    Ask ask = due.ask();
    underWay.put(connection, due);
    byte[] octets = ledgers.get(ask.traffic()).traffic().request(ask.caller(), ask.content(), own);
    try {
      connection.ask(own ? 1 : 0, octets);
    } catch (IOException e) {
      broken(connection, own, e, selector);
    }
  }

  private void serve(Selector selector) throws IOException {
    for (SelectionKey key : selector.selectedKeys()) {
      if (key.isValid() && key.attachment() instanceof ClientConnection connection) {
        serve(connection, selector);
      }
    }
    selector.selectedKeys().clear();
  }

  private void serve(ClientConnection connection, Selector selector) throws IOException {
    boolean own = connection.request() == 1;
    int status;
    try {
      status = connection.advance();
    } catch (IOException e) {
      broken(connection, own, e, selector);
      return;
    }
    if (status != 0) {
      answered(connection, status);
      boolean last = own || connection.fields().contains("\r\nconnection: close");
      free(connection, own, last, selector);
    }
  }

  private void answered(ClientConnection connection, int status) {
    Due due = underWay.remove(connection);
    if (due == null) {
      return;
    }
    long nanos = System.nanoTime() - due.at();
    Phase seen = due.phase();
    if (seen != null) {
      seen.took(nanos);
      latencies.add(nanos);
    }
    Ledger ledger = ledgers.get(due.ask().traffic());
    String complaint =
        ledger.traffic().complaint(status, connection.fields(), connection.content());
    ledger.count(due.ask().caller(), status, complaint);
  }

  /** A connection that breaks while a request is under way is a failed request. */
  private void broken(
      ClientConnection connection, boolean own, IOException problem, Selector selector)
      throws IOException {
    Due due = underWay.remove(connection);
    if (due != null) {
      Ledger ledger = ledgers.get(due.ask().traffic());
      String text =
          String.format(
              Locale.ROOT,
              "%s got no answer from gateway %d within %.1f s: %s",
              ledger.traffic().name(),
              due.ask().gateway() + 1,
              (System.nanoTime() - due.at()) / 1e9,
              problem);
      ledger.count(due.ask().caller(), 0, text);
      Phase seen = due.phase();
      if (seen != null) {
        seen.took(System.nanoTime() - due.at());
      }
    }
    idle.get(connection.gateway()).remove(connection);
    free(connection, own, true, selector);
  }

  private void free(ClientConnection connection, boolean own, boolean last, Selector selector)
      throws IOException {
    if (last) {
      connection.close();
    }
    if (own) {
      once--;
    } else {
      int gateway = connection.gateway();
      idle.get(gateway).add(last ? connect(gateway, selector) : connection);
    }
  }

  private void giveUpLate(Selector selector) throws IOException {
    long now = System.nanoTime();
    List<ClientConnection> late = new ArrayList<>();
    underWay.forEach((connection, due) -> {
      if (now - due.at() > PATIENCE) {
        late.add(connection);
      }
    });
    for (ClientConnection connection : late) {
      broken(connection, connection.request() == 1, new EOFException("given up"), selector);
    }
  }

  private ClientConnection connect(int gateway, Selector selector) throws IOException {
    return new ClientConnection(gateway, gateways.get(gateway), selector);
  }

  /** Returns what each traffic was answered. */
  List<Ledger> ledgers() {
    return ledgers;
  }

  Latencies latencies() {
    return latencies;
  }

  /** Returns by how much this driver itself was late at worst: a machine too busy to measure. */
  double worstLagMillis() {
    return worstLag / 1e6;
  }
}
