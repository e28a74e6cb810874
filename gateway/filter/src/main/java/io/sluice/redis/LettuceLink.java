package io.sluice.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandType;
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
 * <p>A connection that has been silent for a second although it was asked is given up, because a
 * half-open one would never be heard of again, and one to a Redis that hangs owes nothing that is
 * still wanted. {@link LettuceSender} says when a command is.
 */
public final class LettuceLink implements WatchedLink, AutoCloseable {

  private static final byte[] EVALSHA = "EVALSHA".getBytes(US_ASCII);
  private static final byte[] EVAL = "EVAL".getBytes(US_ASCII);
  private static final byte[] DEL = "DEL".getBytes(US_ASCII);
  private static final byte[] TIME = "TIME".getBytes(US_ASCII);
  private static final byte[] CLUSTER = "CLUSTER".getBytes(US_ASCII);
  private static final byte[] SLOTS = "SLOTS".getBytes(US_ASCII);

  /** A node of a cluster owes an answer for each of its busy slots. */
  private static final int MOST_UNANSWERED_BY_NODE = 32_768;

  private final String target;
  private final Problems problems;
  private final Reading reading = new Reading();
  private final LettuceThreads threads;
  private final RedisClient client;
  private final Dialer dialer;
  private final LettuceSender sender;
  private final Runnable unwatch;

  /** Creates a link and starts connecting; never throws or waits because Redis is absent. */
  public LettuceLink(RedisSettings settings, LongSupplier nanoTime) {
    this(settings, null, nanoTime);
  }

  /**
   * Creates a link to one of many servers.
   *
   * @param all the threads of all these links, which closing this one does not end; null for
   *     threads of its own
   */
  LettuceLink(RedisSettings settings, @Nullable LettuceThreads all, LongSupplier nanoTime) {
    this.threads = all == null ? LettuceThreads.start(reading) : all.share(reading);
    this.target = settings.toString();
    this.problems = new Problems(settings);
    ClientOptions options = LettuceShape.options(settings);
    this.client =
        threads.client(
            all == null
                ? options
                : options.mutate().requestQueueSize(MOST_UNANSWERED_BY_NODE).build());
    this.dialer =
        new Dialer(
            client,
            Target.of(settings, threads, nanoTime),
            threads.executors(),
            problems,
            nanoTime);
    this.sender =
        new LettuceSender(dialer, problems, threads.executors(), settings.timeout(), nanoTime);
    dialer.start();
    this.unwatch = PasswordWatch.start(settings, threads.executors(), this::authenticate);
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
    return sender.heardNanos();
  }

  @Override
  public void afterReading(Runnable action) {
    reading.caughtUp(action);
  }

  @Override
  public long owedNanos() {
    return isUp() ? sender.owedNanos() : Long.MAX_VALUE;
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
    return sender.send(
        CommandType.EVALSHA,
        Words.ofScript(EVALSHA, script.digestBytes(), keys, arguments),
        asking,
        new LettuceSender.Instead(
            CommandType.EVAL,
            () -> Words.ofScript(EVAL, script.text().getBytes(UTF_8), keys, arguments)));
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
    return sender.send(CommandType.DEL, Words.of(DEL, key), asking, null);
  }

  /** Returns who serves which slots of a cluster, as {@link SlotRange} reads it. */
  CompletionStage<Object> clusterSlots() {
    return sender.send(CommandType.CLUSTER, Words.of(CLUSTER, SLOTS));
  }

  @Override
  public CompletionStage<Long> epochNanos() {
    return sender.send(CommandType.TIME, Words.of(TIME)).thenApply(LettuceLink::nanos);
  }

  @Override
  public void distrust() {
    StatefulRedisConnection<byte[], byte[]> connection = dialer.connection();
    if (connection != null) {
      dialer.replace(connection, problems.ofNonsense());
    }
  }

  /** Ends the connection of a link that shares threads; what is under way fails. Waits not. */
  CompletableFuture<Void> disconnect() {
    leave();
    return disconnected().thenRun(threads::release);
  }

  private CompletableFuture<Void> disconnected() {
    return CompletableFuture.allOf(LettuceThreads.disconnect(client), dialer.disconnect());
  }

  private void leave() {
    unwatch.run();
    dialer.close();
  }

  /** Ends the connection and all threads; what is under way fails. Waits 7 s at most. */
  @Override
  public void close() {
    leave();
    threads.end(this::disconnected);
  }

  private CompletionStage<Object> authenticate(RedisLogin login) {
    return sender.send(CommandType.AUTH, login.words());
  }

  private static long nanos(Object time) {
    List<?> parts = (List<?>) time;
    long seconds = Long.parseLong(new String((byte[]) parts.get(0), US_ASCII));
    long micros = Long.parseLong(new String((byte[]) parts.get(1), US_ASCII));
    return TimeUnit.SECONDS.toNanos(seconds) + TimeUnit.MICROSECONDS.toNanos(micros);
  }
}
