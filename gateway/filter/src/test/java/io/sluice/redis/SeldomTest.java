package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SeldomTest {

  @Test
  void aLineIsDueAtOnceAndThenTenSecondsAfterTheLast() {
    AtomicLong time = new AtomicLong(Long.MAX_VALUE - 1);
    Seldom seldom = new Seldom(time::get);
    assertThat(seldom.isDue()).isTrue();
    time.addAndGet(TimeUnit.SECONDS.toNanos(10) - 1);
    assertThat(seldom.isDue()).isFalse();
    time.incrementAndGet();
    assertThat(seldom.isDue()).isTrue();
    assertThat(seldom.isDue()).isFalse();
  }
}
