package io.sluice.app;

import io.sluice.balance.GroupSettings;
import io.sluice.balance.HealthSettings;
import io.sluice.filter.AnswerSettings;
import io.sluice.filter.ProblemAnswer;
import io.sluice.proxy.CutObserver;
import io.sluice.proxy.ForwardServlet;
import io.sluice.proxy.ForwardSettings;
import io.sluice.proxy.PatienceSettings;
import io.sluice.proxy.SlowClients;
import io.sluice.proxy.UpstreamObserver;
import io.sluice.request.PathRules;
import io.sluice.route.RouteSettings;
import io.sluice.tls.UpstreamTls;
import io.sluice.upstream.UpstreamSettings;
import io.sluice.websocket.Tunnels;
import io.sluice.websocket.WebSocketSettings;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Puts a servlet together that forwards everything to one server. */
public final class TestFront {

  private final GatewayServer server;
  private final UpstreamSettings upstream;
  private boolean via;
  private UpstreamObserver observer = UpstreamObserver.NONE;
  private UpstreamTls tls = UpstreamTls.STANDARD;
  private Tunnels tunnels;
  private SlowClients slow;

  /** Begins with defaults for all but the two. */
  public TestFront(GatewayServer server, UpstreamSettings upstream) {
    this.server = server;
    this.upstream = upstream;
    Duration hour = Duration.ofHours(1);
    this.tunnels =
        new Tunnels(new WebSocketSettings(hour, hour, 1000), server.scheduler(), server.buffers());
    this.slow = new SlowClients(PatienceSettings.DEFAULT, server.scheduler(), CutObserver.NONE);
  }

  /** Writes Via fields. */
  public TestFront via(boolean written) {
    via = written;
    return this;
  }

  TestFront observer(UpstreamObserver hearing) {
    observer = hearing;
    return this;
  }

  TestFront tls(UpstreamTls spoken) {
    tls = spoken;
    return this;
  }

  TestFront tunnels(Tunnels opened) {
    tunnels = opened;
    return this;
  }

  TestFront slow(SlowClients borne) {
    slow = borne;
    return this;
  }

  /** Returns the servlet. */
  public ForwardServlet servlet() {
    return new ForwardServlet(
        routes(),
        new ForwardSettings("X-User-Id", "X-User-Roles", PathRules.DEFAULT, via),
        new ProblemAnswer(new AnswerSettings(Set.of(), List.of())),
        server.scheduler(),
        observer,
        tunnels,
        slow);
  }

  private LiveRoutes routes() {
    GroupSettings group =
        new GroupSettings(RoutingConfig.DEFAULT, List.of(upstream), HealthSettings.UNASKED);
    RouteSettings everything =
        new RouteSettings(List.of(), RoutingConfig.DEFAULT, 0, false, upstream.limits());
    UpstreamSockets sockets = new UpstreamSockets(server, tls);
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
        slow::before,
        server.scheduler(),
        groups -> {});
  }
}
