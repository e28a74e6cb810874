package io.sluice.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bench.fleet.Metrics;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SoakChecksTest {

  private static final long MINUTE = 60_000_000_000L;
  private static final Totals NOTHING = new Totals(List.of(Metrics.parse("")), List.of(100L));
  private static final Growth FLAT = new Growth(1, 1, 1, 1, 2);

  private final Traffic chat = Traffic.all().get(0);
  private final Ledger ledger = new Ledger(chat);
  private final Latencies latencies = new Latencies();
  private final List<Phase> phases = new ArrayList<>();
  private String metrics = "";
  private double pressure = 0.1;
  private Growth growth = FLAT;
  private long logged = 200;

  @Test
  void aGoodRunPassesAllChecks() {
    ask(200, 40);
    ask(429, 60);
    phase(FaultKind.HUNG, 1_999);
    latencies.add(900_000_000);

    assertThat(verdict().exact()).isTrue();
    assertThat(verdict().timely()).isTrue();
    assertThat(verdict().lines()).doesNotContain("FAILED").contains("100 % of it or more");
  }

  @Test
  void aFailedRequestIsShown() {
    phase(FaultKind.HUNG, 1);
    ledger.count(0, 502, "chat answered 502: bad gateway");

    assertThat(verdict().exact()).isFalse();
    assertThat(verdict().lines())
        .contains("FAILED: 1 requests, 1 failed", "  - chat answered 502: bad gateway");
  }

  @Test
  void whatIsBeyondTheLimitNeedsAnOutageThatTheGatewaysReport() {
    ask(200, 43);
    assertThat(verdict().lines()).contains("FAILED: beyond the limits 3 tokens");

    String decisions =
        "sluice_decisions_total{policy=\"chat\",limit=\"caller\",outcome=\"granted\",source=\"%s\"} %d\n";
    metrics =
        decisions.formatted("redis", 40)
            + decisions.formatted("local", 3)
            + "sluice_outage_granted_tokens_total{by=\"share\"} 3\n";
    assertThat(verdict().lines()).contains("ok: beyond the limits 3 tokens");
    metrics = metrics.replace("share\"} 3", "share\"} 2");
    assertThat(verdict().lines()).contains("FAILED: beyond the limits 3 tokens");
  }

  @Test
  void aLossOfDataAllowsACapacityMore() {
    ask(200, 60);
    assertThat(verdict().exact()).isFalse();
    phase(FaultKind.FLUSHED, 1);
    assertThat(verdict().exact()).isTrue();
  }

  @Test
  void refusingWhatIsAllowedIsNoCalm() {
    ask(200, 19);
    ask(429, 81);

    assertThat(verdict().lines()).contains("FAILED: chat: of callers who asked");
  }

  @Test
  void aBusyMachineExcusesTimesOnly() {
    phase(FaultKind.HUNG, 2_001);
    latencies.add(1_001_000_000);
    pressure = 0.9;

    assertThat(verdict().exact()).isTrue();
    assertThat(verdict().timely()).isFalse();
    assertThat(verdict().busy()).isTrue();
    assertThat(verdict().lines())
        .contains("FAILED: answers after", "FAILED: back with Redis 2001 ms");
  }

  @Test
  void growthAndTalkAreFound() {
    growth = new Growth(1, 1, 1, 7, 2);
    logged = 100 + 60 * 1_025;

    assertThat(verdict().lines())
        .contains("FAILED: gateway 1: live heap", "FAILED: gateway 1 logged 1025 octets");
  }

  private void ask(int status, int times) {
    for (int i = 0; i < times; i++) {
      ledger.count(0, status, null);
    }
  }

  private void phase(FaultKind kind, double backMillis) {
    Phase phase = new Phase(new Fault(kind, Fault.ALL, 0, 0));
    phase.ended(new Recovery(backMillis, 0));
    phases.add(phase);
  }

  private SoakChecks.Verdict verdict() {
    return SoakChecks.of(
        new Run(
            MINUTE,
            0,
            pressure,
            phases,
            List.of(ledger),
            latencies,
            NOTHING,
            new Totals(List.of(Metrics.parse(metrics)), List.of(logged)),
            List.of(growth)));
  }
}
