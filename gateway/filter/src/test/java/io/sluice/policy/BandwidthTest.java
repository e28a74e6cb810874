package io.sluice.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.policy.Bandwidth.Mode;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BandwidthTest {

  @ParameterizedTest
  @CsvSource({
    "20, 20, PT1M, GREEDY, 60",
    "10, 5, PT1M, GREEDY, 120",
    "5, 10, PT1M, GREEDY, 30",
    "7, 10, PT1M, GREEDY, 42",
    "1, 3, PT1S, GREEDY, 1",
    "4, 3, PT1S, GREEDY, 2",
    "3, 10, PT10S, GREEDY, 3",
    "2000, 2000, PT1S, GREEDY, 1",
    "1, 1, PT0.001S, GREEDY, 1",
    "5, 5, PT15M, INTERVAL, 900",
    "6, 5, PT15M, INTERVAL, 1800",
    "10, 5, PT0.4S, INTERVAL, 1",
    "1000000000000, 1, PT0.001S, GREEDY, 1000000000",
    "999999999999, 1, PT0.007S, GREEDY, 7000000000",
    "1000000000000, 1, P3653D, GREEDY, 999999999999999",
  })
  void secondsToFullAreExactAndRoundedUp(
      long capacity, long refill, Duration period, Mode mode, long seconds) {
    assertThat(new Bandwidth(capacity, refill, period, mode).secondsToFull()).isEqualTo(seconds);
  }

  @Test
  void senselessBandwidthsAreRefused() {
    Duration minute = Duration.ofMinutes(1);
    assertThatThrownBy(() -> Bandwidth.of(0, minute)).hasMessageContaining("capacity");
    assertThatThrownBy(() -> Bandwidth.of(1_000_000_000_001L, minute))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Bandwidth.of(1, Duration.ofNanos(999_999)))
        .hasMessageContaining("period");
    assertThatThrownBy(() -> Bandwidth.of(1, Duration.ofDays(3654))).hasMessageContaining("period");
    assertThatThrownBy(() -> Bandwidth.of(1_000_001, Duration.ofMillis(1)))
        .hasMessageContaining("nanosecond");
  }
}
