package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.redis.RedisScript;
import io.sluice.redis.RedisUnavailableException;
import io.sluice.redis.WatchedLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A link that is up or down as the test says, and counts the probes sent over it. */
final class FakeLink implements WatchedLink {

  private final List<Watcher> watchers = new ArrayList<>();
  private final List<CompletableFuture<Object>> probes = new CopyOnWriteArrayList<>();
  private @Nullable String problem;
  private volatile boolean up;
  private long heard = -1;
  private @Nullable Runnable reading;
  private boolean behind;
  private long owed = Long.MAX_VALUE;
  private int distrusted;

  void connect() {
    up = true;
    watchers.forEach(Watcher::up);
  }

  void lose(String why) {
    lose(new RedisUnavailableException(why, null));
  }

  void lose(RedisUnavailableException why) {
    up = false;
    problem = why.getMessage();
    watchers.forEach(watcher -> watcher.down(why));
  }

  void hear(long now) {
    heard = now;
  }

  /** From now on what has come lies unread. */
  void fallBehind() {
    behind = true;
  }

  /** Reads what has come. */
  void catchUp() {
    behind = false;
    Runnable action = reading;
    reading = null;
    if (action != null) {
      action.run();
    }
  }

  @Override
  public void afterReading(Runnable action) {
    if (behind) {
      assertThat(reading).as("only one reading is waited for").isNull();
      reading = action;
    } else {
      action.run();
    }
  }

  /** Redis owes an answer for so long. */
  void owe(long nanos) {
    owed = nanos;
  }

  @Override
  public long owedNanos() {
    return owed;
  }

  int probes() {
    return probes.size();
  }

  void answerProbe() {
    answer("OK");
  }

  /** Answers what was last asked. */
  void answer(Object reply) {
    probes.get(probes.size() - 1).complete(reply);
  }

  void failProbe(RuntimeException failure) {
    probes.get(probes.size() - 1).completeExceptionally(failure);
  }

  /** Returns how often somebody took a reply for none to what was asked. */
  int distrusted() {
    return distrusted;
  }

  @Override
  public void distrust() {
    distrusted++;
  }

  @Override
  public CompletionStage<Object> run(
      RedisScript script, List<byte[]> keys, List<byte[]> arguments) {
    CompletableFuture<Object> answer = new CompletableFuture<>();
    probes.add(answer);
    return answer;
  }

  @Override
  public boolean isUp() {
    return up;
  }

  @Override
  public long heardNanos() {
    return heard;
  }

  @Override
  public Optional<String> lastProblem() {
    return Optional.ofNullable(problem);
  }

  @Override
  public String target() {
    return "redis://fake:6379/0";
  }

  @Override
  public void watch(Watcher watcher) {
    watchers.add(watcher);
    if (up) {
      watcher.up();
    } else if (problem != null) {
      watcher.down(new RedisUnavailableException(problem, null));
    }
  }

  @Override
  public CompletionStage<Long> delete(byte[] key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Long> epochNanos() {
    throw new UnsupportedOperationException();
  }
}
