package io.sluice.bench.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsTest {

  private static final Metrics SOME =
      Metrics.parse(
          """
          # HELP sluice_a Something.
          sluice_a{by="x",of="p"} 2
          sluice_a{by="y",of="p"} 3.5
          sluice_a_total 100
          """);

  @Test
  void theSeriesOfAFamilyThatHaveTheLabelsAreSummed() {
    assertThat(SOME.sum("sluice_a")).isEqualTo(5.5);
    assertThat(SOME.sum("sluice_a", "of=\"p\"", "by=\"x\"")).isEqualTo(2);
    assertThat(SOME.sum("sluice_a", "by=\"z\"")).isZero();
  }
}
