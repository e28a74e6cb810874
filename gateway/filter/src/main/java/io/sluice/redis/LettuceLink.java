package io.sluice.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisReadOnlyException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to one Redis server over Lettuce. It connects in the background, so neither creating it
 * nor any command waits for a Redis that is absent; what cannot be sent now fails now, and nothing
 * is sent twice.
 *
 * <p>A command is given up after sixteen times {@link RedisSettings#timeout}, but between 100 ms
 * and a second where that is longer than the time-out: decisions stop waiting earlier by a deadline
 * of their own, and an answer that is late for its decision still tells what was charged. A
 * connection that has been silent for a second although it was asked is given up, because a
 * half-open one would never be heard of again, and one to a Redis that hangs owes nothing that is
 * still wanted.
 */
public final class LettuceLink implements WatchedLink, AutoCloseable {

  private static final Duration SHORTEST_PATIENCE = Duration.ofMillis(100);
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(1);
  private static final long SHUTDOWN_SECONDS = 2;
  private static final byte[] EVALSHA = "EVALSHA".getBytes(US_ASCII);
  private static final byte[] EVAL = "EVAL".getBytes(US_ASCII);
  private static final byte[] DEL = "DEL".getBytes(US_ASCII);
  private static final byte[] TIME = "TIME".getBytes(US_ASCII);
  private static final byte[] ASKING = "ASKING".getBytes(US_ASCII);
  private static final byte[] CLUSTER = "CLUSTER".getBytes(US_ASCII);
  private static final byte[] SLOTS = "SLOTS".getBytes(US_ASCII);

  /** A node of a cluster owes an answer for each of its busy slots. */
  private static final int MOST_UNANSWERED_BY_NODE = 32_768;

  private final String target;
  private final Problems problems;
  private final Duration timeout;
  private final LongSupplier nanoTime;
  private final Pulse pulse;
  private final Reading reading = new Reading();
  private final boolean sharing;
  private final ClientResources resources;
  private final RedisClient client;
  private final Dialer dialer;
  private final Overdue overdue;
  private final Runnable unwatch;

  /** Creates a link and starts connecting; never throws or waits because Redis is absent. */
  public LettuceLink(RedisSettings settings, LongSupplier nanoTime) {
    this(settings, null, nanoTime);
  }

  /**
   * Creates a link to one of many servers.
   *
   * @param threads those of all these links, which closing this one does not end; null for threads
   *     of its own
   */
  LettuceLink(RedisSettings settings, @Nullable ClientResources threads, LongSupplier nanoTime) {
    this.sharing = threads != null;
    this.resources =
        threads == null ? LettuceShape.resources(reading) : LettuceShape.sharing(threads, reading);
    this.client = RedisClient.create(resources);
    this.target = settings.toString();
    this.problems = new Problems(settings);
    this.timeout = patience(settings.timeout());
    this.nanoTime = nanoTime;
    this.pulse = new Pulse(nanoTime.getAsLong());
    ClientOptions options = LettuceShape.options(settings);
    client.setOptions(
        threads == null
            ? options
            : options.mutate().requestQueueSize(MOST_UNANSWERED_BY_NODE).build());
    this.overdue = new Overdue(resources.eventExecutorGroup(), timeout, nanoTime);
    this.dialer =
        new Dialer(
            client,
            Target.of(settings, resources, nanoTime),
            resources.eventExecutorGroup(),
            problems,
            nanoTime);
    dialer.start();
    this.unwatch =
        PasswordWatch.start(settings, resources.eventExecutorGroup(), this::authenticate);
  }

  /**
   * Waits for the first connection; for start-up only.
   *
   * @return whether the link is up; if not, {@link #lastProblem} says why
   */
  public boolean awaitUp(Duration longest) throws InterruptedException {
    CountDownLatch up = new CountDownLatch(1);
    dialer.watch(
        new Watcher() {
          @Override
          public void up() {
            up.countDown();
          }

          @Override
          public void down(RedisUnavailableException problem) {}
        });
    return up.await(longest.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public boolean isUp() {
    return dialer.connection() != null;
  }

  @Override
  public long heardNanos() {
    return pulse.heardNanos();
  }

  @Override
  public void afterReading(Runnable action) {
    reading.caughtUp(action);
  }

  @Override
  public long owedNanos() {
    return isUp() ? overdue.oldestNanos() : Long.MAX_VALUE;
  }

  @Override
  public Optional<String> lastProblem() {
    return dialer.problem().map(RedisUnavailableException::getMessage);
  }

  @Override
  public String target() {
    return target;
  }

  @Override
  public void watch(Watcher watcher) {
    dialer.watch(watcher);
  }

  @Override
  public CompletionStage<Object> run(
      RedisScript script, List<byte[]> keys, List<byte[]> arguments) {
    return run(script, keys, arguments, false);
  }

  /**
   * Runs a script.
   *
   * @param asking whether the server is asked although it does not own the slot of the keys yet
   */
  CompletionStage<Object> run(
      RedisScript script, List<byte[]> keys, List<byte[]> arguments, boolean asking) {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    send(
        CommandType.EVALSHA,
        Words.ofScript(EVALSHA, script.digestBytes(), keys, arguments),
        asking,
        answer,
        () -> {
          // Redis does not know the digest, so nothing was carried out: this is no replay.
          byte[] text = script.text().getBytes(UTF_8);
          send(CommandType.EVAL, Words.ofScript(EVAL, text, keys, arguments), asking, answer, null);
        });
    return answer;
  }

  @Override
  public CompletionStage<Long> delete(byte[] key) {
    return delete(key, false).thenApply(Long.class::cast);
  }

  /**
   * Deletes a key.
   *
   * @param asking whether the server is asked although it does not own the slot of the key yet
   */
  CompletionStage<Object> delete(byte[] key, boolean asking) {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    send(CommandType.DEL, Words.of(DEL, key), asking, answer, null);
    return answer;
  }

  /** Returns who serves which slots of a cluster, as {@link SlotRange} reads it. */
  CompletionStage<Object> clusterSlots() {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    send(CommandType.CLUSTER, Words.of(CLUSTER, SLOTS), answer, null);
    return answer;
  }

  @Override
  public CompletionStage<Long> epochNanos() {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    send(CommandType.TIME, Words.of(TIME), answer, null);
    return answer.thenApply(LettuceLink::nanos);
  }

  @Override
  public void distrust() {
    StatefulRedisConnection<byte[], byte[]> connection = dialer.connection();
    if (connection != null) {
      dialer.replace(connection, problems.ofNonsense());
    }
  }

  /** Ends the connection; what is under way fails. Waits for nothing. */
  CompletableFuture<Void> disconnect() {
    unwatch.run();
    dialer.close();
    CompletableFuture<Void> ended = client.shutdownAsync(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    return sharing ? ended.thenRun(this::releaseThreads) : ended;
  }

  /** What is shared goes on. */
  private void releaseThreads() {
    var unused = resources.shutdown();
  }

  /** Ends the connection and all threads; what is under way fails. Waits 2 s at most. */
  @Override
  public void close() {
    disconnect().completeOnTimeout(null, SHUTDOWN_SECONDS, TimeUnit.SECONDS).join();
    resources
        .shutdown(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
  }

  private CompletionStage<Object> authenticate(RedisLogin login) {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    send(CommandType.AUTH, login.words(), answer, null);
    return answer;
  }

  private void send(
      CommandType type,
      Words words,
      CompletableFuture<Object> answer,
      @Nullable Runnable onUnknownScript) {
    send(type, words, false, answer, onUnknownScript);
  }

  private void send(
      CommandType type,
      Words words,
      boolean asking,
      CompletableFuture<Object> answer,
      @Nullable Runnable onUnknownScript) {
    StatefulRedisConnection<byte[], byte[]> connection = dialer.connection();
    if (connection == null) {
      answer.completeExceptionally(away());
      return;
    }
    long sentAt = nanoTime.getAsLong();
    Call call =
        new Call(
            type,
            words,
            nanoTime,
            (reply, failure) -> {
              if (failure == null) {
                pulse.heard(nanoTime.getAsLong());
                answer.complete(reply);
              } else if (failure instanceof RedisNoScriptException && onUnknownScript != null) {
                pulse.heard(nanoTime.getAsLong());
                onUnknownScript.run();
              } else {
                answer.completeExceptionally(explain(connection, sentAt, failure));
              }
            });
    overdue.add(call);
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
    return new Call(CommandType.ASKING, Words.of(ASKING), nanoTime, (reply, failure) -> {});
  }

  private RedisUnavailableException explain(
      StatefulRedisConnection<byte[], byte[]> connection, long sentAt, Throwable failure) {
    if (failure instanceof RedisCommandExecutionException error) {
      pulse.heard(nanoTime.getAsLong());
      RedisUnavailableException problem = problems.ofAnswer(error);
      if (isReplica(error) || isLoggedOut(error)) {
        dialer.replace(connection, problem); // A name may lead to the new master by now.
      }
      return problem;
    }
    if (failure instanceof RedisCommandTimeoutException) {
      long silence = pulse.missed(sentAt, nanoTime.getAsLong());
      if (silence >= LONGEST_SILENCE.toNanos()) {
        dialer.replace(connection, problems.ofHang(TimeUnit.NANOSECONDS.toMillis(silence)));
      }
      return problems.ofSilence(timeout.toMillis());
    }
    if (!connection.isOpen()) {
      dialer.replace(connection, problems.ofLoss()); // Lettuce tells its commands first.
    }
    return problems.ofFailure(failure);
  }

  private static Duration patience(Duration deadline) {
    Duration usual = deadline.multipliedBy(16);
    Duration longest =
        deadline.compareTo(LONGEST_SILENCE) > 0 ? deadline.multipliedBy(2) : LONGEST_SILENCE;
    Duration bounded = usual.compareTo(longest) > 0 ? longest : usual;
    return bounded.compareTo(SHORTEST_PATIENCE) < 0 ? SHORTEST_PATIENCE : bounded;
  }

  private static boolean isReplica(RedisCommandExecutionException error) {
    return error instanceof RedisReadOnlyException
        || String.valueOf(error.getMessage()).startsWith("MASTERDOWN");
  }

  private static boolean isLoggedOut(RedisCommandExecutionException error) {
    return String.valueOf(error.getMessage()).startsWith("NOAUTH");
  }

  private RedisUnavailableException away() {
    return dialer.problem().orElseGet(problems::ofStart);
  }

  private static long nanos(Object time) {
    List<?> parts = (List<?>) time;
    long seconds = Long.parseLong(new String((byte[]) parts.get(0), US_ASCII));
    long micros = Long.parseLong(new String((byte[]) parts.get(1), US_ASCII));
    return TimeUnit.SECONDS.toNanos(seconds) + TimeUnit.MICROSECONDS.toNanos(micros);
  }
}
