package io.sluice.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.resource.Delay;
import io.sluice.redis.WatchedLink.Watcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
 *
 * <p>A target that moves ends the round: the connection in use, an attempt under way and the pause
 * before the next are all given up, and the new place is dialled at once.
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
  private int round;
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
    target.follow(this::moved);
    executor.execute(Guarded.step(() -> dial(0)));
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

  void close() {
    synchronized (this) {
      closed = true;
      connection = null;
      watchers.clear();
    }
    target.close();
  }

  /** Closes what looking for the place took, after {@link #close}; waits not. */
  CompletableFuture<Void> disconnect() {
    return target.disconnect();
  }

  private void moved(RedisUnavailableException why) {
    StatefulRedisConnection<byte[], byte[]> left;
    synchronized (this) {
      if (closed) {
        return;
      }
      round++;
      attempt = 0;
      left = connection;
      connection = null;
      dialIn(Duration.ZERO);
      if (left != null) {
        problem = why;
        watchers.forEach(watcher -> watcher.down(why));
      }
    }
    if (left != null) {
      var unused = left.closeAsync();
    }
  }

  private void dial(int asked) {
    if (isOver(asked)) {
      return;
    }
    try {
      var unused =
          target
              .connect(client)
              .whenComplete((fresh, failure) -> {
                if (failure != null) {
                  failed(asked, failure);
                } else {
                  dialled(asked, fresh);
                }
              });
    } catch (RuntimeException e) {
      failed(asked, e);
    }
  }

  private synchronized boolean isOver(int asked) {
    return closed || asked != round;
  }

  private void dialled(int asked, StatefulRedisConnection<byte[], byte[]> fresh) {
    if (!adopt(asked, fresh)) {
      var unused = fresh.closeAsync();
    } else if (!fresh.isOpen()) {
      replace(fresh, problems.ofLoss());
    }
  }

  private synchronized boolean adopt(int asked, StatefulRedisConnection<byte[], byte[]> fresh) {
    if (isOver(asked)) {
      return false;
    }
    fresh.addListener(this);
    connection = fresh;
    connectedAt = nanoTime.getAsLong();
    watchers.forEach(Watcher::up);
    return true;
  }

  private synchronized void failed(int asked, Throwable failure) {
    if (!isOver(asked)) {
      attempt++;
      fail(problems.ofDialling(failure));
    }
  }

  private synchronized void fail(RedisUnavailableException why) {
    if (closed) {
      return;
    }
    problem = why;
    dialIn(target.pauses(PAUSES).createDelay(Math.min(attempt, LONGEST_PAUSE_ATTEMPT)));
    watchers.forEach(watcher -> watcher.down(why));
  }

  private synchronized void dialIn(Duration pause) {
    int now = round;
    try {
      var unused =
          executor.schedule(Guarded.step(() -> dial(now)), pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      closed = true; // The client was shut down in between: nobody wants a connection any more.
    }
  }
}
