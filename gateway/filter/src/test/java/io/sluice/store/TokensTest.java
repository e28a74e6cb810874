package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokensTest {

  private static final long NOW = 1_800_000_000_000_000_000L;
  private static final Bandwidth CHAT = Bandwidth.of(20, Duration.ofMinutes(1));

  private static Terms interval(Duration period) {
    return new Terms(new Bandwidth(20, 5, period, Mode.INTERVAL), 2);
  }

  @Test
  void aShorterIntervalCreditsNothingAtTheChangeAndKeepsItsPhase() {
    Tokens tokens = Tokens.full(interval(Duration.ofMinutes(1)), NOW);
    tokens.charge(20);
    tokens.advance(NOW + 10_000_000_000L);
    tokens.follow(interval(Duration.ofSeconds(7)));
    assertThat(tokens.available()).isZero();
    assertThat(tokens.asked(1, Source.LOCAL).nanosToGrant()).isEqualTo(4_000_000_000L);
  }

  @Test
  void anIntervalUnderWayIsNotPaidOutWhenRefillingBecomesEven() {
    Tokens tokens = Tokens.full(interval(Duration.ofMinutes(1)), NOW);
    tokens.charge(20);
    tokens.advance(NOW + 59_000_000_000L);
    tokens.follow(new Terms(CHAT, 3));
    tokens.advance(NOW + 59_000_000_000L);
    assertThat(tokens.available()).isZero();
    assertThat(tokens.asked(1, Source.LOCAL).nanosToGrant()).isEqualTo(3_000_000_000L);
  }

  @Test
  void aDebtEndsAtZeroWhenTermsChange() {
    Tokens tokens = Tokens.full(new Terms(CHAT, 1), NOW);
    tokens.charge(50);
    tokens.follow(new Terms(Bandwidth.of(30, Duration.ofMinutes(1)), 2));
    assertThat(tokens.available()).isZero();
  }

  @Test
  void olderTermsDoNotReplaceNewerOnes() {
    Tokens stored = Tokens.full(new Terms(CHAT, 7), NOW);
    stored.charge(5);
    Tokens seen =
        Tokens.of(stored.state(), new Terms(Bandwidth.of(3, Duration.ofMinutes(1)), 6), NOW);
    assertThat(seen.available()).isEqualTo(15);
    assertThat(seen.state().getConfigurationVersion()).isEqualTo(7);
  }

  @Test
  void waitsAndLivesStayFiniteForTheLargestBuckets() {
    Bandwidth huge = new Bandwidth(Bandwidth.MOST_TOKENS, 1, Bandwidth.LONGEST_PERIOD, Mode.GREEDY);
    for (Mode mode : Mode.values()) {
      Tokens tokens =
          Tokens.full(
              new Terms(new Bandwidth(huge.capacity(), huge.refill(), huge.period(), mode), 1),
              NOW);
      tokens.charge(huge.capacity());
      assertThat(tokens.ttlMillis()).isBetween(1L, 1000L * 365 * 86_400_000);
      assertThat(tokens.asked(huge.capacity(), Source.LOCAL).nanosToGrant())
          .isEqualTo(Long.MAX_VALUE);
      assertThat(tokens.asked(1, Source.LOCAL).nanosToGrant())
          .isEqualTo(Bandwidth.LONGEST_PERIOD.toNanos());
    }
  }

  @Test
  void aBucketIsKeptUntilItIsFullAndTenSecondsMore() {
    Tokens tokens = Tokens.full(new Terms(CHAT, 1), NOW);
    tokens.charge(1);
    assertThat(tokens.ttlMillis()).isBetween(13_000L, 13_001L);
    tokens.charge(39);
    assertThat(tokens.ttlMillis()).isBetween(130_000L, 130_001L);
  }

  @Test
  void aClockThatGoesBackCreditsAndTakesNothing() {
    Tokens tokens = Tokens.full(new Terms(CHAT, 1), NOW);
    tokens.charge(20);
    tokens.advance(NOW - 3_600_000_000_000L);
    assertThat(tokens.available()).isZero();
    tokens.advance(NOW + 3_000_000_000L);
    assertThat(tokens.available()).isEqualTo(1);
  }
}
