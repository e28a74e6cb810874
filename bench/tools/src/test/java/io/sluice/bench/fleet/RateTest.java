package io.sluice.bench.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateTest {

  private static final long SECOND = 1_000_000_000L;

  @Test
  void nothingComesBackAtOnce() {
    assertThat(new Rate(5, 2).most(0)).isEqualTo(5);
    assertThat(new Rate(200_000, 86_400).most(0)).isEqualTo(200_000);
  }

  @Test
  void aTokenCountsOnceItIsWhole() {
    long untilOne = 400_000_000L - Rate.CLOCKS_APART;

    assertThat(new Rate(5, 2).most(untilOne - 1)).isEqualTo(5);
    assertThat(new Rate(5, 2).most(untilOne)).isEqualTo(6);
  }

  @Test
  void longRunsAndLargeLimitsDoNotOverflow() {
    assertThat(new Rate(1_000_000_000_000L, 1).most(3_600 * SECOND))
        .isEqualTo(3_601_020_000_000_000L);
  }
}
