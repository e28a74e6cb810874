package io.sluice.redis;

import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Knows when the thread that reads from Redis has caught up. Thread-safe. */
final class Reading implements NettyCustomizer {

  private static final long GRAIN_MILLIS = 1;

  private volatile @Nullable Channel last;

  @Override
  public void afterChannelInitialized(Channel channel) {
    last = channel;
  }

  /**
   * Runs an action when all that has come on the last connection by now has been read; at once
   * where there is none.
   */
  void caughtUp(Runnable action) {
    Channel channel = last;
    if (channel == null || !channel.isOpen()) {
      action.run();
      return;
    }
    EventLoop loop = channel.eventLoop();
    try {
      // Two steps: the first may follow a reading that began before now. What a loop schedules
      // itself comes after it has looked at its sockets again.
      loop.execute(() -> {
        var unused = loop.schedule(action, GRAIN_MILLIS, TimeUnit.MILLISECONDS);
      });
    } catch (RejectedExecutionException e) {
      action.run(); // Shut down in between: nothing more will come.
    }
  }
}
