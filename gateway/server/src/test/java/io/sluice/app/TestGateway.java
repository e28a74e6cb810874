package io.sluice.app;

import io.sluice.balance.GroupSettings;
import io.sluice.balance.HealthSettings;
import io.sluice.filter.AnswerSettings;
import io.sluice.filter.ProblemAnswer;
import io.sluice.proxy.ForwardServlet;
import io.sluice.proxy.ForwardSettings;
import io.sluice.proxy.UpstreamFailure;
import io.sluice.proxy.UpstreamObserver;
import io.sluice.request.PathRules;
import io.sluice.route.RouteSettings;
import io.sluice.tls.UpstreamTls;
import io.sluice.upstream.UpstreamSettings;
import io.sluice.websocket.Tunnels;
import io.sluice.websocket.WebSocketSettings;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
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
    ForwardSettings forward =
        new ForwardSettings("X-User-Id", "X-User-Roles", PathRules.DEFAULT, via);
    server.serve(
        filters,
        new ForwardServlet(
            routes(server, upstream, new UpstreamSockets(server, UpstreamTls.STANDARD)),
            forward,
            new ProblemAnswer(new AnswerSettings(Set.of(), List.of())),
            server.scheduler(),
            this,
            tunnels));
    server.start();
  }

  static LiveRoutes routes(
      GatewayServer server, UpstreamSettings upstream, UpstreamSockets sockets) {
    GroupSettings group =
        new GroupSettings(RoutingConfig.DEFAULT, List.of(upstream), HealthSettings.UNASKED);
    RouteSettings everything =
        new RouteSettings(List.of(), RoutingConfig.DEFAULT, 0, false, upstream.limits());
    return new LiveRoutes(
        new RoutingConfig(List.of(group), List.of(), everything),
        PathRules.DEFAULT,
        settings ->
            Transport.to(
                settings,
                sockets.to(settings),
                server.executor(),
                server.scheduler(),
                server.buffers()),
        server.scheduler(),
        groups -> {});
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
