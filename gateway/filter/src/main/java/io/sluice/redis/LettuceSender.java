package io.sluice.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends commands on the connection of a {@link Dialer}, once each, and says why one was not
 * answered. What it hears decides about the connection too: one that owes answers for a second, or
 * leads to a replica, is given up. Thread-safe.
 *
 * <p>A command is given up after sixteen times the time-out of decisions, but between 100 ms and a
 * second where that is longer than the time-out: decisions stop waiting earlier by a deadline of
 * their own, and an answer that is late for its decision still tells what was charged.
 */
final class LettuceSender {

  private static final Duration SHORTEST_PATIENCE = Duration.ofMillis(100);
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(1);
  private static final byte[] ASKING = "ASKING".getBytes(US_ASCII);

  private final Dialer dialer;
  private final Problems problems;
  private final Duration patience;
  private final LongSupplier nanoTime;
  private final Overdue overdue;
  private final Pulse pulse;

  /**
   * Creates a sender.
   *
   * @param executor where to wait for answers
   * @param deadline how long a decision waits
   */
  LettuceSender(
      Dialer dialer,
      Problems problems,
      ScheduledExecutorService executor,
      Duration deadline,
      LongSupplier nanoTime) {
    this.dialer = dialer;
    this.problems = problems;
    this.patience = patience(deadline);
    this.nanoTime = nanoTime;
    this.overdue = new Overdue(executor, patience, nanoTime);
    this.pulse = new Pulse(nanoTime.getAsLong());
  }

  /** Returns when Redis was last heard, on the clock of the link. */
  long heardNanos() {
    return pulse.heardNanos();
  }

  /** Returns for how long the oldest command has been waiting for its answer. */
  long owedNanos() {
    return overdue.oldestNanos();
  }

  /** Sends a command to whoever is there. */
  CompletionStage<Object> send(CommandType type, Words words) {
    return send(type, words, false, null);
  }

  /**
   * Sends a command.
   *
   * @param asking whether the server is asked although it does not own the slot of the keys yet
   * @param onUnknownScript what to send instead where Redis does not know the script
   * @return fails with {@link RedisUnavailableException}
   */
  CompletionStage<Object> send(
      CommandType type, Words words, boolean asking, @Nullable Instead onUnknownScript) {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    send(type, words, asking, onUnknownScript, answer);
    return answer;
  }

  /** Another command, made when it is needed. */
  record Instead(CommandType type, Supplier<Words> words) {}

  private void send(
      CommandType type,
      Words words,
      boolean asking,
      @Nullable Instead onUnknownScript,
      CompletableFuture<Object> answer) {
    StatefulRedisConnection<byte[], byte[]> connection = dialer.connection();
    if (connection == null) {
      answer.completeExceptionally(dialer.problem().orElseGet(problems::ofStart).unsent());
      return;
    }
    long sentAt = nanoTime.getAsLong();
    Call call =
        new Call(
            type,
            words,
            nanoTime,
            (reply, failure, written) -> {
              if (failure == null) {
                pulse.heard(nanoTime.getAsLong());
                answer.complete(reply);
              } else if (failure instanceof RedisNoScriptException && onUnknownScript != null) {
                pulse.heard(nanoTime.getAsLong());
                // Nothing was carried out, so this is no replay.
                send(onUnknownScript.type, onUnknownScript.words.get(), asking, null, answer);
              } else {
                answer.completeExceptionally(explain(connection, sentAt, failure, written));
              }
            });
    overdue.add(call);
    dispatch(connection, call, asking);
  }

  private void dispatch(
      StatefulRedisConnection<byte[], byte[]> connection, Call call, boolean asking) {
    try {
      if (asking) {
        // In one piece, because it holds for the very next command on the connection.
        connection.dispatch(List.of(asking(), call));
      } else {
        connection.dispatch(call);
      }
    } catch (RuntimeException e) {
      call.completeExceptionally(e);
    }
  }

  /** Where it is refused the next command is redirected, and says why. */
  private Call asking() {
    return new Call(
        CommandType.ASKING, Words.of(ASKING), nanoTime, (reply, failure, written) -> {});
  }

  private RedisUnavailableException explain(
      StatefulRedisConnection<byte[], byte[]> connection,
      long sentAt,
      Throwable failure,
      boolean written) {
    if (failure instanceof RedisCommandExecutionException error) {
      pulse.heard(nanoTime.getAsLong());
      RedisUnavailableException problem = problems.ofAnswer(error);
      ErrorReply said = ErrorReply.of(error);
      if (isReplica(said) || said.is("NOAUTH")) {
        dialer.replace(connection, problem); // A name may lead to the new master by now.
      }
      return problem;
    }
    if (failure instanceof RedisCommandTimeoutException) {
      long silence = pulse.missed(sentAt, nanoTime.getAsLong());
      if (silence >= LONGEST_SILENCE.toNanos()) {
        dialer.replace(connection, problems.ofHang(TimeUnit.NANOSECONDS.toMillis(silence)));
      }
      return problems.ofSilence(patience.toMillis()); // It may still be written.
    }
    if (!connection.isOpen()) {
      dialer.replace(connection, problems.ofLoss()); // Lettuce tells its commands first.
    }
    RedisUnavailableException problem = problems.ofFailure(failure);
    return written ? problem : problem.unsent();
  }

  private static Duration patience(Duration deadline) {
    Duration usual = deadline.multipliedBy(16);
    Duration longest =
        deadline.compareTo(LONGEST_SILENCE) > 0 ? deadline.multipliedBy(2) : LONGEST_SILENCE;
    Duration bounded = usual.compareTo(longest) > 0 ? longest : usual;
    return bounded.compareTo(SHORTEST_PATIENCE) < 0 ? SHORTEST_PATIENCE : bounded;
  }

  private static boolean isReplica(ErrorReply error) {
    return error.is("READONLY") || error.is("MASTERDOWN");
  }
}
