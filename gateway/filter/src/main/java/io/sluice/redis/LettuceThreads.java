package io.sluice.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What clients of Lettuce run on: event loops, executors, a timer and who looks up hosts. Lettuce's
 * own timer, which turns every 100 ms, bounds the handshakes and nothing else: see {@link Overdue}.
 */
final class LettuceThreads {

  /** Longest wait for each step of an end. */
  private static final long SECONDS = 2;

  private final ClientResources resources;
  private final @Nullable HostNames names;

  /**
   * Creates those of some resources.
   *
   * @param names who looks up hosts, if it ends with these threads; null where all is shared
   */
  private LettuceThreads(ClientResources resources, @Nullable HostNames names) {
    this.resources = resources;
    this.names = names;
  }

  /**
   * Starts threads.
   *
   * @param customizer sees each channel
   */
  static LettuceThreads start(NettyCustomizer customizer) {
    HostNames names = new HostNames();
    return new LettuceThreads(
        ClientResources.builder().addressResolverGroup(names).nettyCustomizer(customizer).build(),
        names);
  }

  /**
   * Returns these threads for another client, whose end does not end them.
   *
   * @param customizer sees each channel of that client, instead of the one here
   */
  LettuceThreads share(NettyCustomizer customizer) {
    return new LettuceThreads(
        ClientResources.builder()
            .eventLoopGroupProvider(resources.eventLoopGroupProvider())
            .eventExecutorGroup(resources.eventExecutorGroup())
            .timer(resources.timer())
            .eventBus(resources.eventBus())
            .addressResolverGroup(resources.addressResolverGroup())
            .nettyCustomizer(customizer)
            .build(),
        null);
  }

  /** Returns a new client on these threads. */
  RedisClient client(ClientOptions options) {
    RedisClient client = RedisClient.create(resources);
    client.setOptions(options);
    return client;
  }

  /** Returns where to do what may wait a moment, but never block. */
  EventExecutorGroup executors() {
    return resources.eventExecutorGroup();
  }

  /** Closes all connections of a client; waits not. The future ends within some seconds. */
  static CompletableFuture<Void> disconnect(RedisClient client) {
    return client.shutdownAsync(0, SECONDS, TimeUnit.SECONDS);
  }

  /**
   * Ends the threads, after the connections on them; waits 6 s at most. Who dials on them has to
   * have stopped. Threads that are shared go on.
   *
   * @param disconnect closes the connections
   */
  void end(Supplier<CompletableFuture<Void>> disconnect) {
    if (names != null && !executors().isShuttingDown()) {
      hush();
    }
    disconnect.get().completeOnTimeout(null, SECONDS, TimeUnit.SECONDS).join();
    shutdown().awaitUninterruptibly(SECONDS, TimeUnit.SECONDS);
    if (names != null) {
      names.close();
    }
  }

  /** Ends what is not shared of these threads, whose connections are closed; waits not. */
  void release() {
    var unused = shutdown();
  }

  private Future<Boolean> shutdown() {
    return resources.shutdown(0, SECONDS, TimeUnit.SECONDS);
  }

  /**
   * Stops the timer and waits for what it has begun. It bounds the handshakes of attempts that were
   * refused a moment ago, too, and would complain that there is no event loop left to tell.
   */
  private void hush() {
    resources.timer().stop();
    List<Future<?>> begun = new ArrayList<>();
    executors().forEach(thread -> begun.add(thread.submit(() -> {})));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    begun.forEach(each ->
        each.awaitUninterruptibly(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS));
  }
}
