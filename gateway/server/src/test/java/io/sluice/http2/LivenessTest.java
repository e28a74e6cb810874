package io.sluice.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.http2.Liveness.Verdict;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class LivenessTest {

  private final Liveness liveness = new Liveness(0);

  @Test
  void aSilentUpstreamIsPingedOnceAndDeadWhenItDoesNotAnswer() {
    long pinged = Liveness.SILENCE;
    assertThat(liveness.check(pinged - 1, 0, true)).isEqualTo(Verdict.FINE);
    assertThat(liveness.check(pinged, 0, true)).isEqualTo(Verdict.PING);
    assertThat(liveness.check(pinged + 1, 0, true)).isEqualTo(Verdict.FINE);
    assertThat(liveness.check(pinged + Liveness.PATIENCE, 0, true)).isEqualTo(Verdict.DEAD);
  }

  @Test
  void whoAnsweredIsNotPingedAgainSoon() {
    long pinged = Liveness.SILENCE;
    assertThat(liveness.check(pinged, 0, true)).isEqualTo(Verdict.PING);
    liveness.answered();
    assertThat(liveness.check(pinged, 17, true)).isEqualTo(Verdict.FINE);
    assertThat(liveness.check(pinged + 3 * Liveness.SILENCE, 17, true)).isEqualTo(Verdict.FINE);
    assertThat(liveness.check(pinged + Liveness.LONG_SILENCE, 17, true)).isEqualTo(Verdict.PING);
  }

  @Test
  void whoSpeaksIsAliveAndNobodyAsksWithoutACall() {
    assertThat(liveness.check(Liveness.SILENCE, 100, true)).isEqualTo(Verdict.FINE);
    assertThat(liveness.check(9 * Liveness.SILENCE, 100, false)).isEqualTo(Verdict.FINE);
    assertThat(liveness.check(9 * Liveness.SILENCE, 100, true)).isEqualTo(Verdict.PING);
  }
}
