package io.sluice.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PressureTest {

  @Test
  void theTimeInWhichSomeTaskWaitedIsReadInMicroseconds() {
    List<String> linux =
        List.of(
            "some avg10=98.64 avg60=97.29 avg300=74.35 total=14672400915",
            "full avg10=0.00 avg60=0.00 avg300=0.00 total=7");

    assertThat(Pressure.waitedNanos(linux)).isEqualTo(14_672_400_915_000L);
    assertThat(Pressure.waitedNanos(List.of())).isZero();
  }
}
