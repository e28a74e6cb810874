package io.sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;
import io.sluice.store.OutageTokens;
import io.sluice.store.StoreStatus;
import io.sluice.store.StoreStatus.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {

  private final MetricRegistry registry = new MetricRegistry();
  private final Instruments instruments = new Instruments(registry);

  @Test
  void writesEveryKindExactly() {
    instruments.counter(MetricName.of("sluice_b_total").with("z", "1").with("a", "2"), "B.").inc(3);
    instruments.gauge(MetricName.of("sluice_a"), "A \\ line\nbreak.", () -> 0.5);
    assertThat(new PrometheusText(instruments).render())
        .isEqualTo(
            """
            # HELP sluice_a A \\\\ line\\nbreak.
            # TYPE sluice_a gauge
            sluice_a 0.5
            # HELP sluice_b_total B.
            # TYPE sluice_b_total counter
            sluice_b_total{a="2",z="1"} 3
            """);
  }

  @Test
  void keepsSeriesOfAFamilyTogether() {
    instruments.counter(MetricName.of("sluice_a_total").with("x", "1"), "A.");
    instruments.counter(MetricName.of("sluice_a_total_b_total"), "B.");
    instruments.counter(MetricName.of("sluice_a_total").with("x", "2"), "A.");
    Exposition page = page();
    assertThat(page.samples().stream().map(Exposition.Sample::name))
        .containsExactly("sluice_a_total", "sluice_a_total", "sluice_a_total_b_total");
  }

  @Test
  void escapesLabelValuesSoThatTheyReadBack() {
    String awkward = "quote\" backslash\\ line\nbrace} comma, n\\n";
    instruments.counter(MetricName.of("sluice_a_total").with("x", awkward), "A.").inc();
    assertThat(page().value("sluice_a_total", Map.of("x", awkward))).isEqualTo(1);
  }

  @Test
  void writesHistogramsInSecondsWithInclusiveCumulativeBounds() {
    MetricName name = MetricName.of("sluice_wait_seconds").with("kind", "x");
    FixedHistogram waits = instruments.durations(name, "Waits.");
    waits.record(50_000);
    waits.record(50_001);
    waits.record(TimeUnit.SECONDS.toNanos(11));
    Exposition page = page();
    assertThat(page.types()).containsEntry("sluice_wait_seconds", "histogram");
    assertThat(page.value("sluice_wait_seconds_bucket", Map.of("kind", "x", "le", "0.00005")))
        .isEqualTo(1);
    assertThat(page.value("sluice_wait_seconds_bucket", Map.of("le", "0.0001"))).isEqualTo(2);
    assertThat(page.value("sluice_wait_seconds_bucket", Map.of("le", "10"))).isEqualTo(2);
    assertThat(page.value("sluice_wait_seconds_bucket", Map.of("le", "+Inf"))).isEqualTo(3);
    assertThat(page.value("sluice_wait_seconds_sum", Map.of())).isEqualTo(11.000100001);
    assertThat(page.value("sluice_wait_seconds_count", Map.of("kind", "x"))).isEqualTo(3);
  }

  @Test
  void writesNumbersThatAreNone() {
    instruments.gauge(MetricName.of("sluice_a"), "A.", () -> Double.NaN);
    instruments.gauge(MetricName.of("sluice_b"), "B.", () -> Double.NEGATIVE_INFINITY);
    assertThat(page().value("sluice_a", Map.of())).isNaN();
    assertThat(page().value("sluice_b", Map.of())).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void leavesOutAGaugeThatFailsAndWhatOthersRegistered() {
    registry.counter("some.other.counter");
    instruments.gauge(
        MetricName.of("sluice_broken"),
        "B.",
        () -> {
          throw new IllegalStateException("no value now");
        });
    instruments.counter(MetricName.of("sluice_a_total"), "A.");
    assertThat(page().samples()).extracting(Exposition.Sample::name).containsOnly("sluice_a_total");
  }

  @Test
  void refusesNamesThatPrometheusWould() {
    assertThatThrownBy(() -> MetricName.of("requests")).hasMessageContaining("requests");
    assertThatThrownBy(() -> MetricName.of("sluice_a").with("le", "1")).hasMessageContaining("le");
    assertThatThrownBy(() -> instruments.counter(MetricName.of("sluice_a"), "A."))
        .hasMessageContaining("_total");
    assertThatThrownBy(() -> instruments.durations(MetricName.of("sluice_a"), "A."))
        .hasMessageContaining("_seconds");
  }

  @Test
  void everyMetricOfTheGatewayIsWellFormed() {
    JvmMetrics.register(instruments);
    RequestMetrics requests = new RequestMetrics(instruments);
    requests.began();
    requests.began();
    requests.ended(204, 7, 1_000_000);
    requests.began();
    requests.ended(101, 10, 3_600_000_000_000L);
    UpstreamMetrics upstream = new UpstreamMetrics(instruments, List.of("CONNECT_FAILED"));
    upstream.answered(502, 2_000_000);
    upstream.failed("CONNECT_FAILED");
    upstream.failed("never heard of");
    ReloadMetrics reloads = new ReloadMetrics(instruments, 1_500);
    reloads.failed();
    StoreMetrics store = new StoreMetrics(instruments);
    store.outage();
    store.watch(() ->
        new StoreStatus(
            Mode.LOCAL,
            "redis://h:1/0",
            false,
            Duration.ZERO,
            "hangs",
            3,
            4,
            5,
            new OutageTokens(6, 7, 8, 9, 10, 11, 13),
            OutageTokens.NONE,
            true));
    store.watchLocalBuckets(() -> 12);
    ServerMetrics server = new ServerMetrics(instruments);
    server.watchThreads("gateway", () -> 1, () -> 2, () -> 3, () -> 4);
    server.watchConnections("gateway", () -> 5);
    Exposition page = page();
    assertThat(page.value("sluice_requests_in_flight", Map.of())).isEqualTo(1);
    assertThat(page.value("sluice_requests_total", Map.of("status", "2xx"))).isEqualTo(1);
    assertThat(page.value("sluice_requests_total", Map.of("status", "1xx"))).isEqualTo(1);
    assertThat(page.value("sluice_request_seconds_count", Map.of()))
        .as("the hour of a WebSocket connection is no latency")
        .isEqualTo(1);
    assertThat(page.value("sluice_response_content_bytes_total", Map.of())).isEqualTo(17);
    assertThat(page.value("sluice_upstream_answers_total", Map.of("status", "5xx"))).isEqualTo(1);
    assertThat(page.value("sluice_upstream_failures_total", Map.of("kind", "connect-failed")))
        .isEqualTo(1);
    assertThat(page.value("sluice_upstream_failures_total", Map.of("kind", "other"))).isEqualTo(1);
    assertThat(page.value("sluice_config_reload_failed", Map.of())).isEqualTo(1);
    assertThat(page.value("sluice_config_last_success_timestamp_seconds", Map.of())).isEqualTo(1.5);
    assertThat(page.value("sluice_store_mode", Map.of("mode", "local"))).isEqualTo(1);
    assertThat(page.value("sluice_store_mode", Map.of("mode", "redis"))).isEqualTo(0);
    assertThat(page.value("sluice_store_breaker_open", Map.of())).isEqualTo(1);
    assertThat(page.value("sluice_store_connected", Map.of())).isEqualTo(0);
    assertThat(page.value("sluice_store_missed_deadlines_total", Map.of())).isEqualTo(3);
    assertThat(page.value("sluice_store_local_decisions_total", Map.of())).isEqualTo(4);
    assertThat(page.value("sluice_store_transitions_total", Map.of("to", "local"))).isEqualTo(1);
    assertThat(page.value("sluice_store_local_buckets", Map.of())).isEqualTo(12);
    assertThat(page.value("sluice_gateways", Map.of())).isEqualTo(5);
    String granted = "sluice_outage_granted_tokens_total";
    assertThat(page.value(granted, Map.of("by", "share"))).isEqualTo(6);
    assertThat(page.value(granted, Map.of("by", "allow"))).isEqualTo(7);
    assertThat(page.value("sluice_outage_debited_tokens_total", Map.of())).isEqualTo(8);
    assertThat(page.value("sluice_outage_overdrawn_tokens_total", Map.of())).isEqualTo(9);
    assertThat(page.value("sluice_outage_restored_tokens_total", Map.of())).isEqualTo(10);
    assertThat(page.value("sluice_outage_doubtful_tokens_total", Map.of())).isEqualTo(11);
    assertThat(page.value("sluice_outage_unreturned_tokens_total", Map.of())).isEqualTo(13);
    assertThat(page.value("sluice_outage_settling", Map.of())).isEqualTo(1);
    assertThat(page.value("sluice_server_queued_tasks", Map.of("pool", "gateway"))).isEqualTo(4);
    assertThat(page.value("sluice_jvm_memory_bytes", Map.of("area", "heap", "size", "used")))
        .isPositive();
    assertThat(page.value("sluice_jvm_buffer_bytes", Map.of("pool", "direct", "size", "used")))
        .isNotNegative();
    assertThat(page.value("sluice_jvm_threads", Map.of("state", "runnable"))).isPositive();
    assertThat(page.samples().stream().filter(s -> s.name().equals("sluice_jvm_threads")))
        .hasSize(Thread.State.values().length);
    assertThat(page.types()).containsEntry("sluice_jvm_gc_seconds_total", "counter");
  }

  @Test
  void aSuccessfulReloadEndsTheFailure() {
    ReloadMetrics reloads = new ReloadMetrics(instruments, 0);
    reloads.failed();
    reloads.succeeded(2_000);
    assertThat(page().value("sluice_config_reload_failed", Map.of())).isZero();
    assertThat(page().value("sluice_reloads_total", Map.of("outcome", "ok"))).isEqualTo(1);
    assertThat(page().value("sluice_reloads_total", Map.of("outcome", "failed"))).isEqualTo(1);
  }

  private Exposition page() {
    return Exposition.parse(new PrometheusText(instruments).render());
  }
}
