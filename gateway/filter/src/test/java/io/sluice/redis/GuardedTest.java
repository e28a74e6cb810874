package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.DefaultEventExecutor;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GuardedTest {

  @Test
  void anExecutorOfNettysOutlivesAStepThatFails() throws Exception {
    DefaultEventExecutor executor = new DefaultEventExecutor();
    try {
      executor.execute(
          Guarded.step(() -> {
            throw new IllegalStateException("a defect, for the test's sake");
          }));
      CountDownLatch next = new CountDownLatch(1);
      executor.execute(next::countDown);
      assertThat(next.await(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      executor.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }
}
