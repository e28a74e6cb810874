package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class RedisClockTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long HOUR = 3600 * SECOND;

  private long elapsed = 5 * SECOND;
  private final FakeLink redis = new FakeLink();
  private Runnable whileReading = () -> {};
  private final RedisClock clock = new RedisClock(redis, () -> 1000 * SECOND, this::elapsed);

  private long elapsed() {
    whileReading.run();
    return elapsed;
  }

  @Test
  void isTheWallClockBeforeTheFirstSample() {
    elapsed += 3 * SECOND;

    assertThat(now()).isEqualTo(1003 * SECOND);
  }

  @Test
  void takesTheAnswerAsTheMiddleOfTheRoundTrip() {
    sample(7000 * SECOND, 4_000_000);

    assertThat(now()).isEqualTo(7000 * SECOND + 2_000_000);
  }

  @Test
  void followsRedisThoughTheWallClockIsAnHourAhead() {
    sample(1000 * SECOND - HOUR, 0);

    assertThat(now()).isEqualTo(1000 * SECOND - HOUR);
  }

  @Test
  void standsStillInsteadOfGoingBackABit() {
    sample(7000 * SECOND, 0);
    long before = now();
    sample(7000 * SECOND - 10_000_000, 0);

    assertThat(now()).isEqualTo(before);
    elapsed += 15_000_000;
    assertThat(now()).isEqualTo(7000 * SECOND + 5_000_000);
  }

  @Test
  void followsAJumpBackwards() {
    sample(7000 * SECOND, 0);
    assertThat(now()).isEqualTo(7000 * SECOND);
    sample(7000 * SECOND - HOUR, 0);

    assertThat(now()).isEqualTo(7000 * SECOND - HOUR);
  }

  @Test
  void aSlowSampleCorrectsTheClockOnlyAsFarAsItContradictsIt() {
    sample(7000 * SECOND, 0);
    long roundTrip = 100_000_000;
    sample(7000 * SECOND + 10_000_000, roundTrip);
    assertThat(now()).isEqualTo(7000 * SECOND + roundTrip);

    sample(7000 * SECOND + 3 * roundTrip, roundTrip);
    assertThat(now()).isEqualTo(7000 * SECOND + 3 * roundTrip);
  }

  @Test
  void aSlowSampleThatIsFarAwayIsAJump() {
    sample(7000 * SECOND, 0);
    sample(7000 * SECOND - HOUR, 2 * RedisClock.LONGEST_ROUND_TRIP);

    assertThat(now()).isEqualTo(7000 * SECOND - HOUR + RedisClock.LONGEST_ROUND_TRIP);
  }

  @Test
  void saysByHowMuchRedisWasSetBackAndNotHowWrongItsOwnMachineIs() {
    sample(1000 * SECOND - HOUR, 0);
    assertThat(clock.now().wentBack()).isZero();
    sample(1000 * SECOND - 3 * HOUR, 0);
    assertThat(clock.now().wentBack()).isEqualTo(2 * HOUR);
    sample(1000 * SECOND + HOUR, 0);
    assertThat(clock.now().wentBack()).isZero();
  }

  @Test
  void placesTimesOfBeforeOnTheClockThatWasSetBack() {
    assertThat(new Moment(1000, 300).carriedOver(1250)).isEqualTo(950);
    assertThat(new Moment(1000, 300).carriedOver(1700)).isEqualTo(1000);
    assertThat(new Moment(1000, 0).carriedOver(1250)).isEqualTo(1000);
  }

  @Test
  void aReaderOverlappingAJumpDoesNotHoldTheClockBack() {
    sample(7000 * SECOND, 0);
    whileReading =
        () -> {
          whileReading = () -> {};
          sample(7000 * SECOND - HOUR, 0);
        };
    assertThat(now()).isBetween(7000 * SECOND - HOUR, 7000 * SECOND);
    assertThat(now()).isEqualTo(7000 * SECOND - HOUR);
  }

  @Test
  void advancesByItselfWhileRedisIsAway() {
    sample(7000 * SECOND, 0);
    redis.up = false;
    clock.sample();
    elapsed += HOUR;

    assertThat(redis.asked).isEmpty();
    assertThat(now()).isEqualTo(7000 * SECOND + HOUR);
  }

  private long now() {
    return clock.now().epochNanos();
  }

  private void sample(long redisNanos, long roundTrip) {
    clock.sample();
    elapsed += roundTrip;
    redis.asked.remove().complete(redisNanos);
  }

  private static final class FakeLink implements RedisLink {

    private final Queue<CompletableFuture<Long>> asked = new ArrayDeque<>();
    private boolean up = true;

    @Override
    public boolean isUp() {
      return up;
    }

    @Override
    public CompletionStage<Object> run(
        RedisScript script, List<byte[]> keys, List<byte[]> arguments) {
      throw new UnsupportedOperationException("the clock runs no scripts");
    }

    @Override
    public CompletionStage<Long> delete(byte[] key) {
      throw new UnsupportedOperationException("the clock deletes nothing");
    }

    @Override
    public CompletionStage<Long> epochNanos() {
      CompletableFuture<Long> answer = new CompletableFuture<>();
      asked.add(answer);
      return answer;
    }
  }
}
