package io.sluice.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Connects to one server, and at once again where Lettuce has lost what the server said: when the
 * server refuses a login before the connecting thread has gone on, which starved machines see once
 * in a hundred times, it fails with a sentence about its own insides. A person is to be told what
 * is wrong with the login.
 */
final class Connecting {

  private static final int MOST_ATTEMPTS = 4;

  /** What Lettuce says when its handshake has failed and gone, and the reason with it. */
  private static final String LOST = "RedisHandshakeHandler not registered";

  private Connecting() {}

  static CompletionStage<StatefulRedisConnection<byte[], byte[]>> to(
      RedisClient client, RedisURI uri) {
    // Lettuce's own future never completes what is composed of its failure.
    return told(
        () -> client.connectAsync(ByteArrayCodec.INSTANCE, uri).toCompletableFuture(),
        MOST_ATTEMPTS);
  }

  /** Attempts until it is told how one ended, so many times at most. */
  static <T> CompletableFuture<T> told(Supplier<CompletableFuture<T>> attempt, int most) {
    return attempt
        .get()
        .exceptionallyCompose(failure ->
            most > 1 && isLost(failure)
                ? told(attempt, most - 1)
                : CompletableFuture.failedFuture(failure));
  }

  private static boolean isLost(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof IllegalStateException && LOST.equals(cause.getMessage())) {
        return true;
      }
    }
    return false;
  }
}
