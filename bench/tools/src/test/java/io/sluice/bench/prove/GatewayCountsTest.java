package io.sluice.bench.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bench.fleet.Metrics;
import org.junit.jupiter.api.Test;

class GatewayCountsTest {

  private static final String CALM =
      """
      # HELP sluice_store_missed_deadlines_total Decisions that waited for Redis in vain.
      sluice_store_missed_deadlines_total 0.0
      sluice_store_local_decisions_total 0.0
      sluice_decisions_total{policy="p",limit="main",outcome="granted",source="redis"} 12
      sluice_decisions_total{policy="p",limit="main",outcome="granted",source="local"} 0
      sluice_decisions_total{policy="",limit="",outcome="overloaded",source="none"} 3
      """;

  @Test
  void redisDecidedWhereNobodyElseDid() {
    GatewayCounts counts = GatewayCounts.of(Metrics.parse(CALM));

    assertThat(counts).isEqualTo(new GatewayCounts(0, 0, 0, 3));
    assertThat(counts.allByRedis()).isTrue();
  }

  @Test
  void everyDecisionWithoutRedisIsSeen() {
    assertThat(parse("deadlines_total 0.0", "deadlines_total 2.0").missedDeadlines()).isEqualTo(2);
    assertThat(parse("local_decisions_total 0.0", "local_decisions_total 1.0").local())
        .isEqualTo(1);
    assertThat(parse("\"local\"} 0", "\"local\"} 4").grantedElsewhere()).isEqualTo(4);
    assertThat(parse("\"local\"} 0", "\"local\"} 4").allByRedis()).isFalse();
  }

  @Test
  void whatWasBeforeIsTakenAway() {
    GatewayCounts counts = GatewayCounts.of(Metrics.parse(CALM));

    assertThat(counts.plus(counts).minus(counts)).isEqualTo(counts);
  }

  private static GatewayCounts parse(String from, String to) {
    return GatewayCounts.of(Metrics.parse(CALM.replace(from, to)));
  }
}
