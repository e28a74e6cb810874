package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FaultRelay;
import io.sluice.fixtures.LocalRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How gateways come back together to a Redis that turns them away. */
@Timeout(60)
class ReconnectTest {

  private static final int LINKS = 8;
  private static final Duration AWHILE = Duration.ofSeconds(4);

  /** 20 ms doubled to half a second, each halved at most by chance: 6 attempts, then 4 a second. */
  private static final int MOST_ATTEMPTS = 6 + 4 * 4;

  @Test
  void linksTryAgainAtABoundedRateAndNotInStep() {
    try (LocalRedis redis = LocalRedis.start();
        FaultRelay relay = FaultRelay.before(redis.port())) {
      List<LettuceLink> links = start(relay);
      try {
        Eventually.becomes("all links are up", () -> links.stream().allMatch(LettuceLink::isUp));
        relay.turnAway();
        int before = relay.knocks().size();
        long start = System.nanoTime();
        relay.reset();
        LockSupport.parkNanos(AWHILE.toNanos());
        List<Long> knocks = relay.knocks();
        List<Long> attempts = new ArrayList<>(knocks.subList(before, knocks.size()));
        double seconds = (System.nanoTime() - start) / 1e9;

        assertThat(attempts).hasSizeBetween(LINKS * 4, LINKS * MOST_ATTEMPTS);
        attempts.removeIf(at -> at - start < Duration.ofSeconds(1).toNanos());
        assertThat(attempts.size() / (seconds - 1)).as("a second").isLessThan(LINKS * 4.5);
        assertThat(crowd(Duration.ofMillis(20), attempts)).as("at a time").isLessThan(LINKS / 2.0);

        relay.pass();

        assertThat(
                Eventually.becomes(
                    "all links are up", () -> links.stream().allMatch(LettuceLink::isUp)))
            .isLessThan(Duration.ofSeconds(2).toNanos());
      } finally {
        links.forEach(LettuceLink::close);
      }
    }
  }

  private static List<LettuceLink> start(FaultRelay relay) {
    List<LettuceLink> links = new ArrayList<>();
    for (int i = 0; i < LINKS; i++) {
      links.add(new LettuceLink(RedisSettings.at(LocalRedis.HOST, relay.port()), System::nanoTime));
    }
    return links;
  }

  /** Returns how many of all come within such a time, on average over them: 1 if none but one. */
  private static double crowd(Duration window, List<Long> times) {
    long pairs = 0;
    for (long one : times) {
      pairs += times.stream().filter(at -> Math.abs(at - one) < window.toNanos() / 2).count();
    }
    return (double) pairs / times.size();
  }
}
