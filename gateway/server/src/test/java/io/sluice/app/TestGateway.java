package io.sluice.app;

import io.sluice.proxy.UpstreamFailure;
import io.sluice.proxy.UpstreamObserver;
import io.sluice.upstream.UpstreamSettings;
import io.sluice.websocket.Tunnels;
import io.sluice.websocket.WebSocketSettings;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A gateway in front of some port, with filters of the test's. */
final class TestGateway implements AutoCloseable, UpstreamObserver {

  static final Duration LONG = Duration.ofSeconds(20);

  private final GatewayServer server;
  private final Tunnels tunnels;
  final List<String> upstreamEvents = new CopyOnWriteArrayList<>();

  TestGateway(ServerSettings settings, UpstreamSettings upstream, List<? extends Filter> filters)
      throws IOException {
    this(settings, upstream, false, filters);
  }

  TestGateway(
      ServerSettings settings,
      UpstreamSettings upstream,
      boolean via,
      List<? extends Filter> filters)
      throws IOException {
    this(new GatewayServer(settings), upstream, via, filters);
  }

  TestGateway(
      GatewayServer server, UpstreamSettings upstream, boolean via, List<? extends Filter> filters)
      throws IOException {
    this(
        server,
        upstream,
        via,
        filters,
        new Tunnels(new WebSocketSettings(LONG, LONG, 1000), server.scheduler(), server.buffers()));
  }

  TestGateway(
      GatewayServer server,
      UpstreamSettings upstream,
      boolean via,
      List<? extends Filter> filters,
      Tunnels tunnels)
      throws IOException {
    this.server = server;
    this.tunnels = tunnels;
    server.endFirst(tunnels);
    server.serve(
        filters,
        new TestFront(server, upstream).via(via).observer(this).tunnels(tunnels).servlet());
    server.start();
  }

  static TestGateway before(RawUpstream upstream, Filter... filters) throws IOException {
    return new TestGateway(server(LONG), upstream(upstream.port(), LONG, LONG), List.of(filters));
  }

  static ServerSettings server(Duration idle) {
    return new ServerSettings(
        "127.0.0.1", 0, idle, 8192, 1000, Duration.ofSeconds(2), Shortcuts.ALL);
  }

  static UpstreamSettings upstream(int port, Duration response, Duration idle) {
    return new UpstreamSettings(
        URI.create("http://127.0.0.1:" + port), Duration.ofSeconds(5), response, idle, 100, 100);
  }

  int port() {
    return server.port();
  }

  Tunnels tunnels() {
    return tunnels;
  }

  GatewayServer server() {
    return server;
  }

  RawClient connect() throws IOException {
    return new RawClient(port());
  }

  RawClient.Answer ask(String request) throws IOException {
    return RawClient.ask(port(), request);
  }

  RawClient.Answer get(String target) throws IOException {
    return ask("GET " + target + " HTTP/1.1\r\nHost: api.example.com\r\n\r\n");
  }

  @Override
  public void answered(int status, long nanos) {
    upstreamEvents.add(Integer.toString(status));
  }

  @Override
  public void failed(UpstreamFailure failure) {
    upstreamEvents.add(failure.name());
  }

  @Override
  public void close() {
    server.close();
  }
}
