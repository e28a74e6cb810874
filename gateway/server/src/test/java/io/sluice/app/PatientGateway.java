package io.sluice.app;

import io.sluice.proxy.ClientCut;
import io.sluice.proxy.PatienceSettings;
import io.sluice.proxy.SlowClients;
import io.sluice.request.Cidr;
import io.sluice.upstream.Pace;
import io.sluice.upstream.UpstreamSettings;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A gateway with limits of the test's for slow clients. */
final class PatientGateway implements AutoCloseable {

  static final Duration LONG = Duration.ofSeconds(20);
  static final Pace NO_PACE = new Pace(0, LONG);

  private final GatewayServer server;
  private final SlowClients slow;
  final List<ClientCut> cuts = new CopyOnWriteArrayList<>();

  PatientGateway(Bounds bounds, int upstreamPort) throws IOException {
    server =
        new GatewayServer(
            new ServerSettings(
                "127.0.0.1",
                0,
                bounds.idle,
                8192,
                bounds.connections,
                Duration.ofMillis(500),
                Shortcuts.ALL));
    slow =
        new SlowClients(
            new PatienceSettings(bounds.pace, bounds.ahead, 64L << 20, bounds.patience),
            server.scheduler(),
            cuts::add);
    server.guard(
        new SlowSettings(
            bounds.head, bounds.perAddress, bounds.sendBuffer, PatienceSettings.DEFAULT),
        bounds.proxies,
        64,
        cuts::add);
    server.serve(
        List.of(),
        new TestFront(
                server,
                new UpstreamSettings(
                    URI.create("http://127.0.0.1:" + upstreamPort),
                    LONG,
                    LONG,
                    LONG,
                    bounds.upstreamConnections,
                    4 * bounds.upstreamConnections))
            .slow(slow)
            .servlet());
    server.start();
  }

  static PatientGateway before(RawUpstream upstream, Bounds bounds) throws IOException {
    return new PatientGateway(bounds, upstream.port());
  }

  int port() {
    return server.port();
  }

  GatewayServer server() {
    return server;
  }

  SlowClients slow() {
    return slow;
  }

  RawClient connect() throws IOException {
    return new RawClient(port());
  }

  RawClient.Answer get() throws IOException {
    return RawClient.ask(port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }

  long connections() {
    return server.connections().getConnections();
  }

  @Override
  public void close() {
    server.close();
  }

  /** What the gateway bears; generous where a test does not say otherwise. */
  static final class Bounds {

    Duration head = LONG;
    Duration idle = LONG;
    Duration patience = LONG;
    Pace pace = NO_PACE;
    int ahead = 64 * 1024;
    int connections = 5000;
    int perAddress = 5000;
    int sendBuffer = 0;
    int upstreamConnections = 100;
    List<Cidr> proxies = List.of();
  }
}
