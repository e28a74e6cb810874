package io.sluice.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GrowthTest {

  private static final double MIB = 1 << 20;

  @Test
  void theLastQuarterIsComparedWithTheSecond() {
    Growth growth = growth(10, 40, 20, 40, 22, 43);

    assertThat(growth.heapBefore()).isEqualTo(20 * MIB);
    assertThat(growth.heapAfter()).isEqualTo(22 * MIB);
    assertThat(growth.isMeasured()).isTrue();
    assertThat(growth.isFlat()).isTrue();
  }

  @Test
  void aLeakIsFound() {
    assertThat(growth(10, 40, 20, 40, 29, 40).isFlat()).isFalse();
    assertThat(growth(10, 40, 20, 40, 20, 46).isFlat()).isFalse();
    assertThat(growth(10, 40, 200, 40, 219, 40).isFlat()).isTrue();
    assertThat(growth(10, 40, 200, 40, 221, 40).isFlat()).isFalse();
  }

  @Test
  void withoutSamplesNothingIsKnown() {
    assertThat(Growth.of(List.of(new Sample(0.3, MIB, 40))).isMeasured()).isFalse();
  }

  private static Growth growth(
      double heap1, double threads1, double heap2, double threads2, double heap4, double threads4) {
    return Growth.of(
        List.of(
            new Sample(0.1, heap1 * MIB, threads1),
            new Sample(0.3, (heap2 - 1) * MIB, threads2),
            new Sample(0.4, (heap2 + 1) * MIB, threads2),
            new Sample(0.6, 1_000 * MIB, 1_000),
            new Sample(0.9, heap4 * MIB, threads4),
            new Sample(1.1, heap4 * MIB, threads4)));
  }
}
