package io.sluice.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.resource.Delay;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Finds the server to connect to, anew for each attempt: which one it is, and the password it
 * takes, may have changed. Thread-safe.
 */
interface Target {

  /**
   * Returns where to connect and as whom; fails with what a person should be told of.
   *
   * @return completes without anybody waiting for it
   */
  CompletionStage<RedisURI> locate();

  /** Locates the server and connects to it; a server that is not the right one is a failure. */
  default CompletionStage<StatefulRedisConnection<byte[], byte[]>> connect(RedisClient client) {
    return locate().thenCompose(uri -> Connecting.to(client, uri));
  }

  /** Returns the pauses between attempts, where they are not the usual ones. */
  default Delay pauses(Delay usual) {
    return usual;
  }

  /**
   * Names the one who hears, without being asked, that the server is another one by now. It is told
   * why it is to leave the present one.
   */
  default void follow(Consumer<RedisUnavailableException> moved) {}

  /** Stops looking; waits a second at most. */
  default void close() {}

  /** Closes all connections that looking took, once it has stopped; waits not. */
  default CompletableFuture<Void> disconnect() {
    return CompletableFuture.completedFuture(null);
  }

  /** Returns one of the Sentinels, which have a login of their own and no databases. */
  static Target ofSentinel(RedisSettings settings, RedisAddress sentinel, RedisLogin login) {
    return () -> CompletableFuture.completedFuture(LettuceShape.uri(settings, sentinel, 0, login));
  }

  /**
   * Returns the target of settings.
   *
   * @param threads those to look on, where looking takes any
   */
  static Target of(RedisSettings settings, LettuceThreads threads, LongSupplier nanoTime) {
    RedisTopology topology = settings.topology();
    if (topology instanceof RedisTopology.Standalone standalone) {
      return () ->
          CompletableFuture.completedFuture(LettuceShape.uri(settings, standalone.address()));
    }
    if (topology instanceof RedisTopology.Node node) {
      return () -> CompletableFuture.completedFuture(LettuceShape.uri(settings, node.address()));
    }
    if (topology instanceof RedisTopology.Socket socket) {
      return () -> CompletableFuture.completedFuture(LettuceShape.uri(settings, socket.path()));
    }
    if (topology instanceof RedisTopology.Sentinel sentinel) {
      return new SentinelTarget(sentinel, settings, threads, nanoTime);
    }
    throw new IllegalArgumentException("not in this version: " + settings);
  }
}
