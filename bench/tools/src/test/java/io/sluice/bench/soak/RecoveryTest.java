package io.sluice.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecoveryTest {

  private static final long ENDED = 5_000_000_000L;
  private static final int BOTH = 2;

  private final Recovery.Watch watch = new Recovery.Watch(BOTH, ENDED);

  @Test
  void theSlowerGatewayCounts() {
    both(false, 0);
    look(0, true, 20);
    look(1, true, 700);
    both(true, 900);

    assertThat(watch.isBack()).isTrue();
    assertThat(watch.result()).isEqualTo(new Recovery(700, 0));
  }

  @Test
  void aGatewayThatHasNotNoticedYetIsNotBack() {
    both(true, 0);
    both(true, 40);
    look(0, false, 60);
    look(0, true, 500);
    both(true, 700);

    assertThat(watch.result()).isEqualTo(new Recovery(500, 0));
  }

  @Test
  void whoLosesRedisAgainInTheCalmIsCounted() {
    both(true, 0);
    both(true, 200);
    look(1, false, 300);
    look(1, false, 320);

    assertThat(watch.isBack()).isFalse();
    look(1, true, 340);
    assertThat(watch.isBack()).isTrue();
    assertThat(watch.result()).isEqualTo(new Recovery(0, 1));
  }

  @Test
  void whoStaysAwayIsNeverBack() {
    look(0, true, 0);
    look(0, true, 300);

    assertThat(watch.result().backMillis()).isInfinite();
  }

  private void both(boolean onRedis, long millis) {
    look(0, onRedis, millis);
    look(1, onRedis, millis);
  }

  private void look(int gateway, boolean onRedis, long millis) {
    watch.saw(gateway, onRedis, ENDED + millis * 1_000_000);
  }
}
