package io.sluice.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandType;
import io.netty.util.concurrent.EventExecutor;
import io.sluice.redis.SentinelWord.Awaited;
import io.sluice.redis.SentinelWord.Entry;
import io.sluice.redis.SentinelWord.Failed;
import io.sluice.redis.SentinelWord.Named;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Sentinel: keeps a connection to it and asks it, every 100 to 200 ms, who is master. All state
 * belongs to one thread.
 *
 * <p>The epoch is asked before the address, so that an answer may be newer than its epoch and never
 * older. A Sentinel that leads a failover knows the replica that it promotes while it still waits
 * for that replica's next INFO, up to a second.
 */
final class SentinelPost implements SentinelWords.Voice {

  private static final Logger LOG = LoggerFactory.getLogger(SentinelPost.class);
  private static final int SHORTEST_PAUSE_MILLIS = 100;
  private static final int LONGEST_PAUSE_MILLIS = 200;
  private static final int QUESTIONS_BETWEEN_LISTS = 50;

  /** Hears the Sentinel, on the thread that its state belongs to. */
  interface Listener {

    /** {@link #word} may have changed. */
    void heard();

    /** These Sentinels watch the same master. */
    void others(List<RedisAddress> addresses);
  }

  private final RedisAddress address;
  private final String master;
  private final Dialer dialer;
  private final Problems problems;
  private final Inquiry inquiry;
  private final EventExecutor thread;
  private final Listener listener;
  private final LongSupplier nanoTime;

  private final Set<String> refused = new HashSet<>();
  private SentinelWord word = new Awaited();
  private @Nullable Named last;
  private long lostAt;
  private int questions;

  SentinelPost(
      RedisAddress address,
      String master,
      Dialer dialer,
      Problems problems,
      Inquiry inquiry,
      EventExecutor thread,
      Listener listener,
      LongSupplier nanoTime) {
    this.address = address;
    this.master = master;
    this.dialer = dialer;
    this.problems = problems;
    this.inquiry = inquiry;
    this.thread = thread;
    this.listener = listener;
    this.nanoTime = nanoTime;
  }

  void start() {
    dialer.watch(
        new WatchedLink.Watcher() {
          @Override
          public void up() {
            later(
                0,
                () -> {
                  questions = 0;
                  ask(dialer.connection());
                });
          }

          @Override
          public void down(RedisUnavailableException problem) {
            later(0, () -> hear(new Failed(problem)));
          }
        });
    dialer.start();
  }

  RedisAddress address() {
    return address;
  }

  @Override
  public SentinelWord word() {
    return word;
  }

  /** Returns whether it cannot be asked, or does not know. */
  boolean isLost() {
    return word instanceof Failed;
  }

  @Override
  public long lostAt() {
    return lostAt;
  }

  @Override
  public Optional<Named> last() {
    return Optional.ofNullable(last);
  }

  void close() {
    dialer.close();
  }

  private void ask(@Nullable StatefulRedisConnection<byte[], byte[]> connection) {
    if (connection == null || !connection.equals(dialer.connection())) {
      return; // The next connection brings questions of its own.
    }
    if (questions++ % QUESTIONS_BETWEEN_LISTS == 0) {
      prepare(connection);
    }
    var unused =
        sentinel(connection, "MASTER")
            .thenCompose(reply -> named(connection, Entry.of(reply)))
            .<SentinelWord>thenApply(named -> named)
            .exceptionally(failure -> new Failed(problem(connection, failure)))
            .thenAcceptAsync(said -> answered(connection, said), thread);
  }

  /**
   * Learns of the other Sentinels, and asks what is else asked in a failover only: rather now than
   * then is one to hear that a right is missing.
   */
  private void prepare(StatefulRedisConnection<byte[], byte[]> connection) {
    prepare(
        connection,
        "SENTINELS",
        "Sentinels that redis.sentinel.nodes leaves out are not found",
        reply -> listener.others(Entry.all(reply).stream().map(Entry::address).toList()));
    prepare(connection, "REPLICAS", "a failover is noticed up to a second later", reply -> {});
  }

  private void prepare(
      StatefulRedisConnection<byte[], byte[]> connection,
      String question,
      String loss,
      Consumer<Object> use) {
    var unused =
        sentinel(connection, question)
            .thenAcceptAsync(
                reply -> {
                  refused.remove(question);
                  use.accept(reply);
                },
                thread)
            .whenCompleteAsync(
                (used, failure) -> {
                  if (failure != null && isForbidden(failure) && refused.add(question)) {
                    LOG.warn("{}: {}", loss, problem(connection, failure).getMessage());
                  }
                },
                thread);
  }

  private static boolean isForbidden(Throwable failure) {
    return cause(failure) instanceof RedisCommandExecutionException error
        && ErrorReply.of(error).is("NOPERM");
  }

  private CompletionStage<Named> named(
      StatefulRedisConnection<byte[], byte[]> connection, Entry known) {
    CompletionStage<Optional<RedisAddress>> promoted =
        known.is("failover_in_progress")
            ? sentinel(connection, "REPLICAS")
                .thenApply(SentinelPost::promoted)
                .exceptionally(failure -> Optional.empty()) // The address follows within a second.
            : CompletableFuture.completedFuture(Optional.empty());
    return promoted.thenCombine(
        promoted.thenCompose(asked -> sentinel(connection, "GET-MASTER-ADDR-BY-NAME")),
        (next, reply) -> {
          RedisAddress present = SentinelWord.address(reply);
          return new Named(
              present, known.epoch(), next.filter(it -> !it.equals(present)).orElse(null));
        });
  }

  private static Optional<RedisAddress> promoted(Object replicas) {
    return Entry.all(replicas).stream()
        .filter(replica -> replica.is("promoted"))
        .map(Entry::address)
        .findFirst();
  }

  private CompletionStage<Object> sentinel(
      StatefulRedisConnection<byte[], byte[]> connection, String question) {
    return inquiry.ask(connection, CommandType.SENTINEL, "SENTINEL", question, master);
  }

  private void answered(StatefulRedisConnection<byte[], byte[]> connection, SentinelWord said) {
    if (!connection.equals(dialer.connection())) {
      return; // That connection's end has been heard of, or a newer one's answer.
    }
    hear(said);
    int pause =
        ThreadLocalRandom.current().nextInt(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS + 1);
    later(pause, () -> ask(connection));
  }

  private RedisUnavailableException problem(
      StatefulRedisConnection<byte[], byte[]> connection, Throwable failure) {
    Throwable cause = cause(failure);
    if (cause instanceof RedisCommandExecutionException error) {
      return String.valueOf(error.getMessage()).contains("No such master")
          ? SentinelProblems.ofUnknownName(address, master, error)
          : problems.ofAnswer(error);
    }
    RedisUnavailableException problem = problems.ofDialling(cause);
    if (cause instanceof RedisCommandTimeoutException) {
      dialer.replace(connection, problem);
    }
    return problem;
  }

  private static Throwable cause(Throwable failure) {
    Throwable wrapped = failure instanceof CompletionException ? failure.getCause() : null;
    return wrapped == null ? failure : wrapped;
  }

  private void hear(SentinelWord said) {
    if (said instanceof Named named) {
      last = named;
    } else if (!isLost()) {
      lostAt = nanoTime.getAsLong();
    }
    word = said;
    listener.heard();
  }

  private void later(int millis, Runnable task) {
    try {
      var unused = thread.schedule(Guarded.step(task), millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      dialer.close(); // The link is being closed: nobody asks any more.
    }
  }
}
