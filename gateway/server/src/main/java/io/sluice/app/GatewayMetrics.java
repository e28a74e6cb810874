package io.sluice.app;

import com.codahale.metrics.MetricRegistry;
import io.sluice.balance.ServerStatus;
import io.sluice.balance.UpstreamGroup;
import io.sluice.engine.Engine;
import io.sluice.engine.EngineObserver;
import io.sluice.engine.Reload;
import io.sluice.limit.Decision;
import io.sluice.limit.LimitVerdict;
import io.sluice.metrics.CutMetrics;
import io.sluice.metrics.DecisionMetrics;
import io.sluice.metrics.GroupMetrics;
import io.sluice.metrics.Instruments;
import io.sluice.metrics.JvmMetrics;
import io.sluice.metrics.MetricName;
import io.sluice.metrics.PrometheusText;
import io.sluice.metrics.ReloadMetrics;
import io.sluice.metrics.RequestMetrics;
import io.sluice.metrics.ServerMetrics;
import io.sluice.metrics.StoreMetrics;
import io.sluice.metrics.TlsMetrics;
import io.sluice.metrics.UpstreamMetrics;
import io.sluice.policy.PolicyBook;
import io.sluice.proxy.CutObserver;
import io.sluice.proxy.UpstreamFailure;
import io.sluice.proxy.UpstreamObserver;
import io.sluice.request.Exchange;
import io.sluice.tls.Certificates;
import io.sluice.tls.TlsSettings;
import io.sluice.websocket.Tunnels;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.io.ConnectionStatistics;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Hears everything that the gateway counts, and knows how to write it down. Thread-safe. */
final class GatewayMetrics implements EngineObserver, UpstreamObserver {

  private final Instruments instruments = new Instruments(new MetricRegistry());
  private final DecisionMetrics decisions =
      new DecisionMetrics(instruments, new PolicyBook("", List.of()));
  private final RequestMetrics requests = new RequestMetrics(instruments);
  private final StoreMetrics store = new StoreMetrics(instruments);
  private final GroupMetrics groups = new GroupMetrics(instruments);
  private final ReloadMetrics reloads;
  private final UpstreamMetrics upstream =
      new UpstreamMetrics(
          instruments, Arrays.stream(UpstreamFailure.values()).map(Enum::name).toList());

  private final CutMetrics cuts = new CutMetrics(instruments);

  GatewayMetrics(Instant start) {
    reloads = new ReloadMetrics(instruments, start.toEpochMilli());
    JvmMetrics.register(instruments);
  }

  /** Adds what is read from the engine when somebody looks. */
  void watch(Engine engine) {
    store.watch(engine::storeStatus);
    store.watchLocalBuckets(engine::localBuckets);
  }

  /** Adds what is read from the server when somebody looks. */
  void watch(QueuedThreadPool threads, ConnectionStatistics connections) {
    ServerMetrics server = new ServerMetrics(instruments);
    server.watchThreads(
        "gateway",
        threads::getBusyThreads,
        threads::getIdleThreads,
        threads::getMaxThreads,
        threads::getQueueSize);
    server.watchConnections("gateway", () -> (int) connections.getConnections());
  }

  /** Adds when the certificates expire. */
  void watch(TlsSettings tls, Certificates certificates, InstantSource clock) {
    TlsMetrics shown = new TlsMetrics(instruments);
    Set<String> names = new HashSet<>();
    for (int i = 0; i < tls.certificates().size(); i++) {
      int number = i;
      String name = tls.certificates().get(i).file().toString();
      if (names.add(name)) {
        shown.watchCertificate(
            name, () -> Duration.between(clock.instant(), certificates.expiry(number)).toSeconds());
      }
    }
  }

  /** Shows these upstreams from now on. */
  void watch(List<UpstreamGroup> upstreams) {
    groups.adopt(upstreams.stream().map(GatewayMetrics::figures).toList());
  }

  private static GroupMetrics.Figures figures(UpstreamGroup group) {
    return new GroupMetrics.Figures(
        group.settings().name(),
        () -> group.settings().servers().size(),
        () -> group.servers().stream().filter(ServerStatus::healthy).count(),
        () -> group.status().open(),
        () -> group.status().waiting(),
        group::retries);
  }

  /** Adds what WebSocket connections there are and were. */
  void watch(Tunnels tunnels) {
    instruments.gauge(
        MetricName.of("sluice_websocket_open"),
        "WebSocket connections that are open or being opened.",
        tunnels::open);
    instruments.gauge(
        MetricName.of("sluice_websocket_total"),
        "WebSocket connections that have been opened.",
        tunnels::total);
  }

  /** Adds what the access log lost. */
  void watch(AccessLog log) {
    instruments.gauge(
        MetricName.of("sluice_access_log_dropped_total"),
        "Lines of the access log that were lost because they could not be written in time.",
        log::dropped);
  }

  /** Counts a request from here to its end. */
  void begun(Exchange exchange) {
    requests.began();
    exchange.listen(
        new Exchange.Listener() {
          @Override
          public void onEnd(Exchange.Outcome outcome) {
            requests.ended(outcome.status(), outcome.contentBytes(), outcome.nanos());
          }
        });
  }

  /** Returns what counts clients that are cut. */
  CutObserver cuts() {
    return cuts;
  }

  /** Returns what writes all of it as text. */
  PrometheusText text() {
    return new PrometheusText(instruments);
  }

  @Override
  public void decided(Decision decision, long nanos) {
    decisions.decided(decision, nanos);
  }

  @Override
  public void shadowed(List<LimitVerdict> lines) {
    decisions.shadowed(lines);
  }

  @Override
  public void bookChanging(PolicyBook book) {
    decisions.adopt(book);
  }

  @Override
  public void reloaded(Reload reload) {
    if (reload.accepted()) {
      reloads.succeeded(reload.at().toEpochMilli());
    } else {
      reloads.failed();
    }
  }

  @Override
  public void outage(String cause) {
    store.outage();
  }

  @Override
  public void recovery(Duration lasted, long localDecisions) {
    store.recovery();
  }

  @Override
  public void answered(int status, long nanos) {
    upstream.answered(status, nanos);
  }

  @Override
  public void failed(UpstreamFailure failure) {
    upstream.failed(failure.name());
  }
}
