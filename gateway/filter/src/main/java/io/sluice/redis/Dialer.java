package io.sluice.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.Delay;
import io.sluice.redis.WatchedLink.Watcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one connection to Redis: dials in the background, and when the connection breaks or is
 * given up dials a new one, for ever. The first connection and every later one take the same way,
 * so a wrong password or a foreign server is told alike at start and after a restart. Thread-safe.
 *
 * <p>Attempts are 20 ms to half a second apart, with full jitter, so that many gateways do not come
 * back in step; a connection that lasts less than a second counts as another failed attempt.
 */
final class Dialer implements RedisConnectionStateListener {

  private static final Delay PAUSES =
      Delay.fullJitter(Duration.ofMillis(20), Duration.ofMillis(500), 20, TimeUnit.MILLISECONDS);
  private static final int LONGEST_PAUSE_ATTEMPT = 10;
  private static final long LASTING = TimeUnit.SECONDS.toNanos(1);

  private final RedisClient client;
  private final Target target;
  private final ScheduledExecutorService executor;
  private final Problems problems;
  private final LongSupplier nanoTime;
  private final List<Watcher> watchers = new ArrayList<>();

  private volatile @Nullable StatefulRedisConnection<byte[], byte[]> connection;
  private volatile @Nullable RedisUnavailableException problem;
  private long connectedAt;
  private int attempt;
  private boolean closed;

  Dialer(
      RedisClient client,
      Target target,
      ScheduledExecutorService executor,
      Problems problems,
      LongSupplier nanoTime) {
    this.client = client;
    this.target = target;
    this.executor = executor;
    this.problems = problems;
    this.nanoTime = nanoTime;
  }

  /** Starts dialling; returns at once. */
  void start() {
    executor.execute(this::dial);
  }

  /** Returns the connection in use, or null while there is none. */
  @Nullable StatefulRedisConnection<byte[], byte[]> connection() {
    return connection;
  }

  Optional<RedisUnavailableException> problem() {
    return Optional.ofNullable(problem);
  }

  synchronized void watch(Watcher watcher) {
    watchers.add(watcher);
    RedisUnavailableException known = problem;
    if (connection != null) {
      watcher.up();
    } else if (known != null) {
      watcher.down(known);
    }
  }

  /** Gives a connection up and dials another one; without effect when it is in use no more. */
  void replace(StatefulRedisConnection<byte[], byte[]> broken, RedisUnavailableException why) {
    synchronized (this) {
      if (!broken.equals(connection)) {
        return;
      }
      connection = null;
      attempt = nanoTime.getAsLong() - connectedAt < LASTING ? attempt + 1 : 0;
      fail(why);
    }
    var unused = broken.closeAsync();
  }

  @Override
  public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
    StatefulRedisConnection<byte[], byte[]> current = connection;
    if (current != null && current.equals(handler)) {
      replace(current, problems.ofLoss());
    }
  }

  synchronized void close() {
    closed = true;
    connection = null;
    watchers.clear();
  }

  private void dial() {
    if (isClosed()) {
      return;
    }
    try {
      var unused =
          target
              .locate()
              .thenCompose(uri -> client.connectAsync(ByteArrayCodec.INSTANCE, uri))
              .whenComplete(this::dialled);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void dialled(StatefulRedisConnection<byte[], byte[]> fresh, @Nullable Throwable failure) {
    if (failure != null) {
      failed(failure);
    } else if (!adopt(fresh)) {
      var unused = fresh.closeAsync();
    } else if (!fresh.isOpen()) {
      replace(fresh, problems.ofLoss());
    }
  }

  private synchronized boolean adopt(StatefulRedisConnection<byte[], byte[]> fresh) {
    if (closed) {
      return false;
    }
    fresh.addListener(this);
    connection = fresh;
    connectedAt = nanoTime.getAsLong();
    watchers.forEach(Watcher::up);
    return true;
  }

  private synchronized void failed(Throwable failure) {
    attempt++;
    fail(problems.ofDialling(failure));
  }

  private synchronized void fail(RedisUnavailableException why) {
    if (closed) {
      return;
    }
    problem = why;
    Duration pause = PAUSES.createDelay(Math.min(attempt, LONGEST_PAUSE_ATTEMPT));
    try {
      var unused = executor.schedule(this::dial, pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      closed = true; // The client was shut down in between: nobody wants a connection any more.
    }
    watchers.forEach(watcher -> watcher.down(why));
  }
}
