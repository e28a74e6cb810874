package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SeldomTest {

  @Test
  void aLineIsDueAtOnceAndThenTenSecondsAfterTheLast() {
    long time = Long.MAX_VALUE - 1;
    Seldom seldom = new Seldom();
    assertThat(seldom.isDue(time)).isTrue();
    time += TimeUnit.SECONDS.toNanos(10) - 1;
    assertThat(seldom.isDue(time)).isFalse();
    time++;
    assertThat(seldom.isDue(time)).isTrue();
    assertThat(seldom.isDue(time)).isFalse();
  }
}
