package io.sluice.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.bench.fleet.Rate;
import org.junit.jupiter.api.Test;

class BoundTest {

  private static final Rate TWENTY = new Rate(20, 60);
  private static final long MINUTE = 60_000_000_000L;

  @Test
  void aFullBucketAndWhatComesBackAreWithinTheLimit() {
    Bound bound = bound(0, 0, 40, 3);

    assertThat(bound.admitted()).isEqualTo(43);
    assertThat(bound.beyond()).isZero();
    assertThat(bound.holds()).isTrue();
  }

  @Test
  void oneMoreIsFound() {
    Bound bound = bound(0, 0, 41, 3);

    assertThat(bound.beyond()).isEqualTo(1);
    assertThat(bound.holds()).isFalse();
  }

  @Test
  void callersWithTokensLeftDoNotMakeUpForOthers() {
    assertThat(bound(0, 1, 41, 0).holds()).isTrue();
    assertThat(bound(0, 1, 41, 41).holds()).isFalse();
  }

  @Test
  void eachLossAllowsOneCapacityMoreToEachCaller() {
    assertThat(bound(2, 0, 80, 80).holds()).isTrue();
    assertThat(bound(2, 0, 81, 0).unexplained()).isEqualTo(1);
    assertThat(bound(2, 0, 81, 0).beyond()).isEqualTo(41);
  }

  private static Bound bound(long losses, long alone, long... admitted) {
    return Bound.of("chat/caller", TWENTY, admitted, MINUTE, losses, alone);
  }
}
