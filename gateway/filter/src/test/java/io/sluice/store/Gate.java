package io.sluice.store;

import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisScript;
import io.sluice.redis.RedisUnavailableException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/** A link that can be told to misbehave. */
final class Gate implements RedisLink {

  private final RedisLink behind;
  private final ConcurrentLinkedQueue<Runnable> held = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<CompletableFuture<Object>> promised =
      new ConcurrentLinkedQueue<>();
  private volatile Manner manner = Manner.PASS;
  private volatile Object answer = List.of();
  private volatile boolean up = true;

  private enum Manner {
    PASS,
    HOLD,
    HOLD_REPLY,
    LOSE,
    ANSWER,
    REFUSE
  }

  Gate(RedisLink behind) {
    this.behind = behind;
  }

  void up(boolean isUp) {
    up = isUp;
  }

  void hold() {
    manner = Manner.HOLD;
  }

  /** Returns how many calls are held. */
  int held() {
    return held.size();
  }

  void holdReplies() {
    manner = Manner.HOLD_REPLY;
  }

  void loseReplies() {
    manner = Manner.LOSE;
  }

  void refuse() {
    manner = Manner.REFUSE;
  }

  void answer(Object reply) {
    answer = reply;
    manner = Manner.ANSWER;
  }

  void release() {
    manner = Manner.PASS;
    held.forEach(Runnable::run);
    held.clear();
  }

  void fail() {
    manner = Manner.PASS;
    held.clear();
    promised.forEach(promise -> promise.completeExceptionally(lost()));
  }

  @Override
  public boolean isUp() {
    return up;
  }

  @Override
  public CompletionStage<Object> run(
      RedisScript script, List<byte[]> keys, List<byte[]> arguments) {
    return switch (manner) {
      case PASS -> behind.run(script, keys, arguments);
      case HOLD -> later(() -> behind.run(script, keys, arguments));
      case HOLD_REPLY -> {
        CompletionStage<Object> reply = behind.run(script, keys, arguments);
        yield later(() -> reply);
      }
      case LOSE ->
          behind
              .run(script, keys, arguments)
              .thenCompose(reply -> CompletableFuture.failedFuture(lost()));
      case ANSWER -> CompletableFuture.completedFuture(answer);
      case REFUSE -> CompletableFuture.failedFuture(lost());
    };
  }

  private CompletionStage<Object> later(Supplier<CompletionStage<Object>> command) {
    CompletableFuture<Object> promise = new CompletableFuture<>();
    promised.add(promise);
    held.add(() ->
        command
            .get()
            .whenComplete((reply, failure) -> {
              if (failure == null) {
                promise.complete(reply);
              } else {
                promise.completeExceptionally(failure);
              }
            }));
    return promise;
  }

  @Override
  public CompletionStage<Long> delete(byte[] key) {
    return manner == Manner.REFUSE ? CompletableFuture.failedFuture(lost()) : behind.delete(key);
  }

  @Override
  public CompletionStage<Long> epochNanos() {
    return behind.epochNanos();
  }

  private static RedisUnavailableException lost() {
    return new RedisUnavailableException("told to fail", null);
  }
}
