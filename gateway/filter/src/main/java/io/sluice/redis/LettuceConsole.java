package io.sluice.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** A {@link Console} over a connection that is made as a gateway makes its own. */
public final class LettuceConsole implements Console {

  private static final int ATTEMPTS = 3;

  private final String target;
  private final Problems problems;
  private final Duration patience;
  private final LettuceThreads threads = LettuceThreads.start(new Reading());
  private final RedisClient client;
  private final Inquiry inquiry;
  private final Target place;
  private final StatefulRedisConnection<byte[], byte[]> connection;

  private LettuceConsole(
      String target,
      Problems problems,
      RedisSettings settings,
      Function<LettuceThreads, Target> place,
      Duration patience) {
    this.target = target;
    this.problems = problems;
    this.patience = patience;
    this.client = threads.client(LettuceShape.options(settings));
    this.inquiry = new Inquiry(threads.executors(), patience, System::nanoTime);
    this.place = place.apply(threads);
    try {
      this.connection = proven();
    } catch (RuntimeException e) {
      end();
      throw e;
    }
  }

  /**
   * Connects and logs in.
   *
   * @param patience longest wait for the connection, and for each reply
   * @throws RedisUnavailableException when that fails: its message says why, where and the remedy
   */
  public static LettuceConsole open(RedisSettings settings, Duration patience) {
    return new LettuceConsole(
        settings.toString(),
        new Problems(settings),
        settings,
        threads -> Target.of(settings, threads, System::nanoTime),
        patience);
  }

  /**
   * Connects to one of the Sentinels and logs in, as for {@link #open}.
   *
   * @param login as whom to log in to Sentinels
   */
  public static LettuceConsole openSentinel(
      RedisSettings settings, RedisAddress sentinel, RedisLogin login, Duration patience) {
    return new LettuceConsole(
        "Sentinel " + sentinel,
        Problems.ofSentinel(settings, sentinel, login),
        settings,
        threads -> Target.ofSentinel(settings, sentinel, login),
        patience);
  }

  /**
   * Returns a connection that has answered: some are closed as soon as they stand, by a server that
   * is full or a balancer that moves. A gateway dials anew then, and so does this.
   */
  private StatefulRedisConnection<byte[], byte[]> proven() {
    try {
      return prove();
    } finally {
      place.close();
    }
  }

  private StatefulRedisConnection<byte[], byte[]> prove() {
    for (int attempt = 1; ; attempt++) {
      StatefulRedisConnection<byte[], byte[]> fresh = dial();
      try {
        ask(fresh, "PING");
        return fresh;
      } catch (RedisUnavailableException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
        var unused = fresh.closeAsync();
      }
    }
  }

  private StatefulRedisConnection<byte[], byte[]> dial() {
    CompletableFuture<StatefulRedisConnection<byte[], byte[]>> dialled =
        place.connect(client).toCompletableFuture();
    try {
      return dialled.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw problems.ofDialling(cause(e));
    } catch (TimeoutException e) {
      throw problems.ofSilence(patience.toMillis());
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  @Override
  public Reply ask(String... words) {
    return ask(connection, words);
  }

  private Reply ask(StatefulRedisConnection<byte[], byte[]> connection, String... words) {
    // The type is for Lettuce' own books; what is sent is the words.
    CompletionStage<Object> answer = inquiry.ask(connection, CommandType.COMMAND, words);
    try {
      return Reply.of(answer.toCompletableFuture().get());
    } catch (ExecutionException e) {
      return unanswered(connection, cause(e));
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private Reply unanswered(StatefulRedisConnection<byte[], byte[]> connection, Throwable failure) {
    if (failure instanceof RedisCommandExecutionException error) {
      return refusal(error);
    }
    if (failure instanceof RedisCommandTimeoutException) {
      throw problems.ofSilence(patience.toMillis());
    }
    throw connection.isOpen() ? problems.ofFailure(failure) : problems.ofLoss();
  }

  private Reply refusal(RedisCommandExecutionException error) {
    return Reply.refused(String.valueOf(error.getMessage()), problems.remedyOf(error));
  }

  @Override
  public String target() {
    return target;
  }

  /** Ends the connection and all threads; waits 6 s at most. */
  @Override
  public void close() {
    end();
  }

  private void end() {
    threads.end(
        () -> CompletableFuture.allOf(LettuceThreads.disconnect(client), place.disconnect()));
  }

  private static Throwable cause(ExecutionException failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : cause;
  }

  private RedisUnavailableException interrupted() {
    Thread.currentThread().interrupt();
    return problems.ofFailure(new InterruptedException("interrupted while waiting for Redis"));
  }
}
