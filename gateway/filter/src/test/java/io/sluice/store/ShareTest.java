package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;
import java.math.BigInteger;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShareTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void aGatewayAloneHasTheWholeLimit() {
    Bandwidth whole = new Bandwidth(20, 7, MINUTE, Mode.INTERVAL);
    assertThat(Share.of(whole, 1, 1)).isSameAs(whole);
    assertThat(Share.of(whole, 0, 1)).isSameAs(whole);
  }

  @Test
  void evenRefillIsDividedExactly() {
    assertThat(Share.of(Bandwidth.of(20, MINUTE), 2, 1)).isEqualTo(Bandwidth.of(10, MINUTE));
    assertThat(Share.of(Bandwidth.of(20, MINUTE), 3, 1))
        .isEqualTo(new Bandwidth(6, 20, MINUTE.multipliedBy(3), Mode.GREEDY));
    assertThat(Share.of(Bandwidth.of(20, MINUTE), 8, 1))
        .isEqualTo(new Bandwidth(2, 5, MINUTE.multipliedBy(2), Mode.GREEDY));
  }

  @Test
  void intervalsBringWholeTokensOrComeLessOften() {
    Bandwidth whole = new Bandwidth(20, 7, MINUTE, Mode.INTERVAL);
    assertThat(Share.of(whole, 3, 1)).isEqualTo(new Bandwidth(6, 2, MINUTE, Mode.INTERVAL));
    assertThat(Share.of(whole, 8, 1))
        .isEqualTo(new Bandwidth(2, 1, MINUTE.multipliedBy(2), Mode.INTERVAL));
    assertThat(Share.of(whole, 50, 1))
        .isEqualTo(new Bandwidth(1, 1, MINUTE.multipliedBy(8), Mode.INTERVAL));
  }

  @Test
  void oneRequestIsNeverMoreThanAShareUnlessItIsMoreThanTheLimit() {
    Bandwidth whole = Bandwidth.of(20, MINUTE);
    assertThat(Share.of(whole, 100, 1).capacity()).isEqualTo(1);
    assertThat(Share.of(whole, 10, 5).capacity()).isEqualTo(5);
    assertThat(Share.of(whole, 10, 25).capacity()).isEqualTo(20);
  }

  @Test
  void sharesTogetherAreNeverMoreThanTheWholeAndAlwaysSomething() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 20_000; i++) {
      Bandwidth whole = any(random);
      int gateways = 1 + random.nextInt(random.nextBoolean() ? 5 : 5_000);
      Bandwidth share = Share.of(whole, gateways, 1);
      assertThat(share.capacity()).isBetween(1L, whole.capacity());
      if (whole.capacity() >= gateways) {
        assertThat(share.capacity() * gateways).isLessThanOrEqualTo(whole.capacity());
      }
      if (share.period().compareTo(Bandwidth.LONGEST_PERIOD.dividedBy(2)) < 0) {
        assertThat(rate(share, whole).multiply(BigInteger.valueOf(gateways)))
            .isLessThanOrEqualTo(rate(whole, share));
      }
      assertThat(rate(share, whole)).isLessThanOrEqualTo(rate(whole, share));
    }
  }

  /** Returns tokens in the product of both periods, to compare without rounding. */
  private static BigInteger rate(Bandwidth of, Bandwidth other) {
    return BigInteger.valueOf(of.refill()).multiply(BigInteger.valueOf(other.period().toNanos()));
  }

  private static Bandwidth any(SplittableRandom random) {
    long most = random.nextBoolean() ? 100 : Bandwidth.MOST_TOKENS;
    long refill = 1 + random.nextLong(most);
    long least = Math.max(1_000_000, refill);
    long longest = Bandwidth.LONGEST_PERIOD.toNanos();
    long period =
        random.nextBoolean()
            ? least + random.nextLong(longest - least + 1)
            : Math.min(longest, least * (1 + random.nextInt(1_000)));
    return new Bandwidth(
        1 + random.nextLong(most),
        refill,
        Duration.ofNanos(period),
        random.nextBoolean() ? Mode.GREEDY : Mode.INTERVAL);
  }
}
