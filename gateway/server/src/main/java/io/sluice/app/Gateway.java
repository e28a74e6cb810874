package io.sluice.app;

import io.sluice.admin.AdminParts;
import io.sluice.admin.Phase;
import io.sluice.config.EngineConfig;
import io.sluice.engine.Engine;
import io.sluice.filter.ProblemAnswer;
import io.sluice.metrics.PrometheusText;
import io.sluice.proxy.ForwardServlet;
import io.sluice.proxy.ForwardSettings;
import io.sluice.proxy.SlowClients;
import io.sluice.websocket.Tunnels;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway: engine, listener for clients, listener for operators. Everything is built in
 * {@link #start}, in the order in which it depends on each other, and closed in the reverse order.
 */
public final class Gateway implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  private final Deque<AutoCloseable> parts;
  private final Engine engine;
  private final GatewayTls tls;
  private final GatewayServer server;
  private final Cuts cuts;
  private final SlowClients slow;
  private final LiveRoutes routes;
  private final SettingsReload reload;
  private final int adminPort;
  private final Duration longestStop;
  private volatile Phase phase = Phase.STARTING;

  private Gateway(GatewayConfig config, Deque<AutoCloseable> parts) throws IOException {
    this.parts = parts;
    InstantSource clock = Clock.systemUTC();
    GatewayMetrics metrics = new GatewayMetrics(clock.instant());
    engine = opened(Engine.start(config.engine(), metrics));
    metrics.watch(engine);
    tls = opened(new GatewayTls(config.tls(), metrics, clock));
    server = new GatewayServer(config.server(), tls.listener());
    cuts = new Cuts(metrics.cuts());
    slow = new SlowClients(config.slow().forwarding(), server.scheduler(), cuts);
    routes = routes(config, metrics);
    reload =
        new SettingsReload(config, engine.book(), routes, tls::reload, clock, metrics::reloaded);
    // The admin listener closes after the gateway's, so that it can tell of the draining.
    AdminServer admin =
        config.admin().enabled()
            ? new AdminServer(config.admin(), adminParts(config, metrics, clock))
            : null;
    if (admin != null) {
      opened(admin);
    }
    opened(server);
    prepare(config, metrics);
    server.start();
    if (admin != null) {
      admin.start();
    }
    longestStop = config.server().drain().plus(config.server().endings().drainDelay());
    adminPort = admin == null ? -1 : admin.port();
    phase = Phase.SERVING;
  }

  /**
   * Starts a gateway.
   *
   * @throws io.sluice.config.ConfigProblemsException when the policies hold an error
   * @throws io.sluice.engine.RedisRequiredException when Redis is required and does not work
   * @throws IOException when an address cannot be listened on or the access log not be written; the
   *     message says which and what to do
   */
  public static Gateway start(GatewayConfig config) throws IOException {
    config.warnings().forEach(warning -> LOG.warn("{}", warning));
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      Gateway gateway = new Gateway(config, parts);
      LOG.info(
          "listening on {}:{}, {}, {} policies, admin {}",
          config.server().host(),
          gateway.ports(),
          destinations(config),
          gateway.engine.book().get().policies().size(),
          gateway.adminPort < 0 ? "off" : config.admin().host() + ":" + gateway.adminPort);
      return gateway;
    } catch (IOException | RuntimeException e) {
      close(parts);
      throw e;
    }
  }

  private String ports() {
    String plain = port() < 0 ? "" : Integer.toString(port());
    String secure = tlsPort() < 0 ? "" : tlsPort() + " (TLS)";
    return plain.isEmpty() || secure.isEmpty() ? plain + secure : plain + " and " + secure;
  }

  private static String destinations(GatewayConfig config) {
    return config.routing().routes().isEmpty()
        ? "upstream " + config.upstream().upstream()
        : config.routing().routes().size()
            + " routes to "
            + config.routing().upstreams().size()
            + " upstreams";
  }

  /**
   * Reads policies and certificates, and the settings of routes, upstreams and time-outs again.
   * What has an error changes nothing and is logged.
   */
  public void reload() {
    reload.reload();
  }

  /** Returns the port that clients reach without TLS; negative when there is none. */
  public int port() {
    return server.port();
  }

  /** Returns the port that clients reach by TLS; negative when there is none. */
  public int tlsPort() {
    return server.tlsPort();
  }

  /** Returns the port that operators reach; negative when there is none. */
  public int adminPort() {
    return adminPort;
  }

  /** Returns the limit engine. */
  public Engine engine() {
    return engine;
  }

  /** Finishes what is under way, up to the drain time, and stops everything. */
  @Override
  public void close() {
    phase = Phase.DRAINING;
    close(parts);
    LOG.info("stopped");
  }

  /** Has {@link #close}, which another thread is in, wait no longer for what is under way. */
  public void hurry() {
    server.hurry();
  }

  /** Returns how long {@link #close} may wait for what is under way. */
  public Duration longestStop() {
    return longestStop;
  }

  private LiveRoutes routes(GatewayConfig config, GatewayMetrics metrics) {
    UpstreamSockets sockets = new UpstreamSockets(server, config.upstreamTls());
    return new LiveRoutes(
        config.routing(),
        config.engine().paths(),
        settings ->
            Transport.to(
                settings,
                sockets.to(settings),
                server.executor(),
                server.scheduler(),
                server.buffers()),
        slow::before,
        server.scheduler(),
        metrics::watch);
  }

  private void prepare(GatewayConfig config, GatewayMetrics metrics) throws IOException {
    if (config.accessLog().enabled()) {
      AccessLog log = opened(new AccessLog(config.accessLog()));
      server.requestLog(log);
      metrics.watch(log);
    }
    EngineConfig limits = config.engine();
    ForwardSettings forwarding =
        new ForwardSettings(
            limits.identity().userHeader(), limits.identity().rolesHeader(), limits.paths(), false);
    Tunnels tunnels = new Tunnels(config.webSocket(), server.scheduler(), server.buffers());
    server.endFirst(tunnels);
    metrics.watch(tunnels);
    server.guard(
        config.slow(), limits.identity().trustedProxies(), limits.identity().ipv6Prefix(), cuts);
    server.onExchange(metrics::begun);
    server.serve(
        Pipeline.of(limits, engine, routes, server.continuation(limits.answers())),
        new ForwardServlet(
            routes,
            forwarding,
            new ProblemAnswer(limits.answers()),
            server.scheduler(),
            metrics,
            tunnels,
            slow));
    metrics.watch(server.threads(), server.connections());
  }

  private AdminParts adminParts(GatewayConfig config, GatewayMetrics metrics, InstantSource clock) {
    Supplier<String> settings = () -> AdminViews.config(reload.settings());
    PrometheusText text = metrics.text();
    return new AdminParts(
        engine.book(),
        engine.limiter(),
        engine.identities(),
        config.engine().paths(),
        engine.store(),
        config.engine().redis().prefix(),
        reload,
        () -> AdminViews.store(engine, clock),
        () -> AdminViews.upstreams(routes.upstreams()),
        () -> phase,
        settings,
        text::render,
        PrometheusText.CONTENT_TYPE);
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  /** Closes all parts, also when one of them does not close in order. */
  private static void close(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.error("a part of the gateway did not stop in order", e);
      }
    }
  }
}
