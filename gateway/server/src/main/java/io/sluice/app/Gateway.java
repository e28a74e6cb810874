package io.sluice.app;

import io.sluice.admin.AdminParts;
import io.sluice.admin.Phase;
import io.sluice.engine.Engine;
import io.sluice.filter.ProblemAnswer;
import io.sluice.metrics.PrometheusText;
import io.sluice.proxy.ForwardServlet;
import io.sluice.proxy.ForwardSettings;
import io.sluice.proxy.SlowClients;
import java.io.IOException;
import java.time.Clock;
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
  private final GatewayServer server;
  private final int adminPort;
  private volatile Phase phase = Phase.STARTING;

  private Gateway(GatewayConfig config, Deque<AutoCloseable> parts) throws IOException {
    this.parts = parts;
    InstantSource clock = Clock.systemUTC();
    GatewayMetrics metrics = new GatewayMetrics(clock.instant());
    engine = opened(Engine.start(config.engine(), metrics));
    metrics.watch(engine);
    // The admin listener closes after the gateway's, so that it can tell of the draining.
    AdminServer admin =
        config.admin().enabled()
            ? new AdminServer(config.admin(), adminParts(config, metrics, clock))
            : null;
    if (admin != null) {
      opened(admin);
    }
    server = opened(server(config, metrics));
    server.start();
    if (admin != null) {
      admin.start();
    }
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
          "listening on {}:{}, upstream {}, {} policies, admin {}",
          config.server().host(),
          gateway.port(),
          config.upstream().upstream(),
          gateway.engine.book().get().policies().size(),
          gateway.adminPort < 0 ? "off" : config.admin().host() + ":" + gateway.adminPort);
      return gateway;
    } catch (IOException | RuntimeException e) {
      close(parts);
      throw e;
    }
  }

  /** Returns the port that clients reach. */
  public int port() {
    return server.port();
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

  private GatewayServer server(GatewayConfig config, GatewayMetrics metrics) throws IOException {
    GatewayServer made = new GatewayServer(config.server());
    if (config.accessLog().enabled()) {
      AccessLog log = opened(new AccessLog(config.accessLog()));
      made.requestLog(log);
      metrics.watch(log);
    }
    ForwardSettings forwarding =
        new ForwardSettings(
            config.engine().identity().userHeader(),
            config.engine().identity().rolesHeader(),
            config.engine().paths(),
            false);
    made.onExchange(metrics::begun);
    Cuts cuts = new Cuts(metrics.cuts());
    made.guard(
        config.slow(),
        config.engine().identity().trustedProxies(),
        config.engine().identity().ipv6Prefix(),
        cuts);
    made.serve(
        Pipeline.of(config.engine(), engine, made.continuation(config.engine().answers())),
        new ForwardServlet(
            config.upstream(),
            forwarding,
            new ProblemAnswer(config.engine().answers()),
            made.sockets(),
            made.executor(),
            made.scheduler(),
            made.buffers(),
            metrics,
            new SlowClients(config.slow().forwarding(), made.scheduler(), cuts)));
    metrics.watch(made.threads(), made.connections());
    return made;
  }

  private AdminParts adminParts(GatewayConfig config, GatewayMetrics metrics, InstantSource clock) {
    Supplier<String> settings = () -> AdminViews.config(config.settings());
    PrometheusText text = metrics.text();
    return new AdminParts(
        engine.book(),
        engine.limiter(),
        engine.identities(),
        config.engine().paths(),
        engine.store(),
        config.engine().redis().prefix(),
        AdminViews.reloads(engine.book()),
        () -> AdminViews.store(engine, clock),
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
