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
  private final RedisClock clock = new RedisClock(redis, () -> 1000 * SECOND, () -> elapsed);

  @Test
  void isTheWallClockBeforeTheFirstSample() {
    elapsed += 3 * SECOND;

    assertThat(clock.getAsLong()).isEqualTo(1003 * SECOND);
  }

  @Test
  void takesTheAnswerAsTheMiddleOfTheRoundTrip() {
    sample(7000 * SECOND, 4_000_000);

    assertThat(clock.getAsLong()).isEqualTo(7000 * SECOND + 2_000_000);
  }

  @Test
  void followsRedisThoughTheWallClockIsAnHourAhead() {
    sample(1000 * SECOND - HOUR, 0);

    assertThat(clock.getAsLong()).isEqualTo(1000 * SECOND - HOUR);
  }

  @Test
  void standsStillInsteadOfGoingBackABit() {
    sample(7000 * SECOND, 0);
    long before = clock.getAsLong();
    sample(7000 * SECOND - 10_000_000, 0);

    assertThat(clock.getAsLong()).isEqualTo(before);
    elapsed += 15_000_000;
    assertThat(clock.getAsLong()).isEqualTo(7000 * SECOND + 5_000_000);
  }

  @Test
  void followsAJumpBackwards() {
    sample(7000 * SECOND, 0);
    assertThat(clock.getAsLong()).isEqualTo(7000 * SECOND);
    sample(7000 * SECOND - HOUR, 0);

    assertThat(clock.getAsLong()).isEqualTo(7000 * SECOND - HOUR);
  }

  @Test
  void doesNotBelieveASlowSample() {
    sample(7000 * SECOND, 0);
    sample(9000 * SECOND, RedisClock.LONGEST_ROUND_TRIP + 1);

    assertThat(clock.getAsLong()).isBetween(7000 * SECOND, 7001 * SECOND);
  }

  @Test
  void advancesByItselfWhileRedisIsAway() {
    sample(7000 * SECOND, 0);
    redis.up = false;
    clock.sample();
    elapsed += HOUR;

    assertThat(redis.asked).isEmpty();
    assertThat(clock.getAsLong()).isEqualTo(7000 * SECOND + HOUR);
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
