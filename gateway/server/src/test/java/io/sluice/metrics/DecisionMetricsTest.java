package io.sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.sluice.limit.Decision.Exempt;
import io.sluice.limit.Decision.Metered;
import io.sluice.limit.Decision.Overloaded;
import io.sluice.limit.LimitVerdict;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import io.sluice.policy.Policy.Mode;
import io.sluice.policy.Policy.OnOutage;
import io.sluice.policy.PolicyBook;
import io.sluice.policy.RoutePattern;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DecisionMetricsTest {

  private static final String DECISIONS = "sluice_decisions_total";

  private final Instruments instruments = new Instruments(new MetricRegistry());
  private final Limit main = limit("main");
  private final Policy chat = policy("chat", Mode.ENFORCE, main);
  private final Policy twin = policy("twin", Mode.SHADOW, main, limit("second"));
  private final DecisionMetrics metrics = new DecisionMetrics(instruments, book(chat, twin));

  @Test
  void countsEachLimitByOutcomeAndSource() {
    metrics.decided(metered(line(chat, 0, true, Source.REDIS)), 70_000);
    metrics.decided(metered(line(chat, 0, false, Source.LOCAL)), 70_000);
    metrics.decided(metered(line(chat, 0, false, Source.NONE)), 70_000);
    assertThat(count("chat", "main", "granted", "redis")).isEqualTo(1);
    assertThat(count("chat", "main", "refused", "local")).isEqualTo(1);
    assertThat(count("chat", "main", "refused", "none")).isEqualTo(1);
    assertThat(count("chat", "main", "granted", "local")).isZero();
    assertThat(latencies("granted")).isEqualTo(1);
    assertThat(latencies("refused")).isEqualTo(2);
  }

  @Test
  void countsShadowsApartAndPoliciesThatShareALimitToo() {
    metrics.shadowed(
        List.of(line(twin, 0, false, Source.REDIS), line(twin, 1, true, Source.REDIS)));
    assertThat(count("twin", "main", "shadow-refused", "redis")).isEqualTo(1);
    assertThat(count("twin", "second", "shadow-granted", "redis")).isEqualTo(1);
    assertThat(count("chat", "main", "refused", "redis")).isZero();
  }

  @Test
  void countsExemptAndOverloadedWithoutPolicy() {
    metrics.decided(new Exempt(Exempt.Reason.BYPASS), 1);
    metrics.decided(new Overloaded(), 1);
    assertThat(count("", "", "exempt", "none")).isEqualTo(1);
    assertThat(count("", "", "overloaded", "none")).isEqualTo(1);
    assertThat(latencies("exempt")).isEqualTo(1);
    assertThat(latencies("overloaded")).isEqualTo(1);
  }

  @Test
  void aNewBookKeepsCountsOfLimitsThatStayAndForgetsTheOthers() {
    metrics.decided(metered(line(chat, 0, true, Source.REDIS)), 1);
    Policy raised = policy("chat", Mode.ENFORCE, limit("main"));
    metrics.adopt(book(raised));
    metrics.decided(metered(line(raised, 0, true, Source.REDIS)), 1);
    assertThat(count("chat", "main", "granted", "redis")).isEqualTo(2);
    assertThat(page().samples()).noneMatch(s -> "twin".equals(s.labels().get("policy")));
  }

  @Test
  void requestsDecidedByTheFormerBookStillCount() {
    metrics.adopt(book(policy("chat", Mode.ENFORCE, limit("main"))));
    metrics.decided(metered(line(chat, 0, true, Source.REDIS)), 1);
    metrics.shadowed(List.of(line(twin, 0, true, Source.REDIS)));
    assertThat(count("chat", "main", "granted", "redis")).isEqualTo(1);
    assertThat(page().samples()).noneMatch(s -> "twin".equals(s.labels().get("policy")));
  }

  @Test
  void aThousandReloadsLeaveNoSeriesBehind() {
    for (int i = 0; i < 1_000; i++) {
      metrics.adopt(book(policy("policy" + i, Mode.ENFORCE, limit("main"))));
    }
    assertThat(page().samples().stream().filter(s -> s.name().equals(DECISIONS))).hasSize(6 + 2);
  }

  private double count(String policy, String limit, String outcome, String source) {
    return page()
        .value(
            DECISIONS,
            Map.of("policy", policy, "limit", limit, "outcome", outcome, "source", source));
  }

  private double latencies(String outcome) {
    return page().value("sluice_decision_seconds_count", Map.of("outcome", outcome));
  }

  private Exposition page() {
    return Exposition.parse(new PrometheusText(instruments).render());
  }

  private static Metered metered(LimitVerdict... lines) {
    return new Metered(List.of(lines));
  }

  private static LimitVerdict line(Policy policy, int limit, boolean granted, Source source) {
    return new LimitVerdict(
        policy, policy.limits().get(limit), new Verdict(granted, 1, 1, 0, source));
  }

  private static PolicyBook book(Policy... policies) {
    return new PolicyBook("r1", List.of(policies));
  }

  private static Limit limit(String id) {
    return new Limit(
        id, List.of(KeyPart.of(Kind.USER)), Bandwidth.of(20, Duration.ofMinutes(1)), 429);
  }

  private static Policy policy(String name, Mode mode, Limit... limits) {
    RoutePattern all =
        new RoutePattern(Set.of(), null, List.of(new RoutePattern.Segment.Rest()), "/**");
    return new Policy(name, List.of(all), List.of(limits), 1, mode, OnOutage.LOCAL, List.of());
  }
}
