package io.sluice.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/**
 * Asks a question now and then, on a connection that carries no decisions, and gives it up in time.
 * Thread-safe.
 */
final class Inquiry {

  private final Overdue overdue;
  private final LongSupplier nanoTime;

  /**
   * Creates one.
   *
   * @param patience how long an answer may take
   */
  Inquiry(ScheduledExecutorService executor, Duration patience, LongSupplier nanoTime) {
    this.overdue = new Overdue(executor, patience, nanoTime);
    this.nanoTime = nanoTime;
  }

  /**
   * Sends a command.
   *
   * @return the reply, of the forms that {@link ReplyOutput} makes; fails as Lettuce does
   */
  CompletionStage<Object> ask(
      StatefulRedisConnection<byte[], byte[]> connection, CommandType type, String... words) {
    byte[][] encoded =
        Arrays.stream(words).map(word -> word.getBytes(UTF_8)).toArray(byte[][]::new);
    CompletableFuture<Object> answer = new CompletableFuture<>();
    Call call =
        new Call(
            type,
            Words.of(encoded),
            nanoTime,
            (reply, failure, written) -> {
              if (failure == null) {
                answer.complete(reply);
              } else {
                answer.completeExceptionally(failure);
              }
            });
    overdue.add(call);
    try {
      connection.dispatch(call);
    } catch (RuntimeException e) {
      call.completeExceptionally(e);
    }
    return answer;
  }
}
