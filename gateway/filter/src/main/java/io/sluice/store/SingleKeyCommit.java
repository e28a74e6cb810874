package io.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.limit.BucketKey;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.redis.Moment;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisTime;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Changes one bucket in Redis by compare-and-swap: computes the change from what the bucket is
 * thought to hold, has {@link CommitScript} carry it out where that is so, and tries again with
 * what came back where it is not. An attempt on a clock that is too far from Redis' own is repeated
 * on Redis' time. Thread-safe.
 */
final class SingleKeyCommit {

  private static final int MOST_ATTEMPTS = 64;

  private final RedisLink link;
  private final String prefix;
  private final KnownStates known;
  private final RedisTime clock;
  private final LongSupplier nanoTime;

  SingleKeyCommit(
      RedisLink link, String prefix, KnownStates known, RedisTime clock, LongSupplier nanoTime) {
    this.link = link;
    this.prefix = prefix;
    this.known = known;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /**
   * What an attempt makes of a bucket.
   *
   * @param next what the bucket is to hold; null leaves it as it is, and only looks
   * @param charge what may be merged into another value than the expected one; 0 for nothing
   * @param outline what allows to merge, see {@link MergeLayout#outline}
   * @param result what the change has come to, once it is carried out
   */
  record Step<T>(@Nullable Tokens next, long charge, String outline, T result) {

    /** Returns a step that is carried out on the expected value only. */
    static <T> Step<T> exactly(@Nullable Tokens next, T result) {
      return new Step<>(next, 0, MergeLayout.NOTHING_TO_MERGE, result);
    }
  }

  /** Computes a step from what a bucket holds; called once for each attempt. */
  interface Change<T> {

    Step<T> of(Known held, Moment now);
  }

  /**
   * Changes a bucket.
   *
   * @return the result of the step that was carried out; fails with {@link
   *     StoreOverloadedException} where others were quicker each time, with {@link
   *     IllegalStateException} on a reply that is none, else as the link does
   */
  <T> CompletionStage<T> commit(BucketKey key, Change<T> change) {
    Known held = known.get(key);
    Run<T> run = new Run<>(key, change);
    run.attempt(held == null ? Known.absent(nanoTime.getAsLong()) : held);
    return run.done;
  }

  /** One change, attempt by attempt; each begins when the one before has ended. */
  private final class Run<T> {

    private final BucketKey key;
    private final byte[] redisKey;
    private final Change<T> change;
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private int attempts;

    private Run(BucketKey key, Change<T> change) {
      this.key = key;
      this.redisKey = key.inRedis(prefix).getBytes(UTF_8);
      this.change = change;
    }

    private void attempt(Known held) {
      if (++attempts > MOST_ATTEMPTS) {
        done.completeExceptionally(
            new StoreOverloadedException("the bucket changes too fast to be settled: " + key));
        return;
      }
      Moment now = clock.now();
      Step<T> step = change.of(held, now);
      Known written = written(held, step);
      long sentAt = nanoTime.getAsLong();
      sent(call(held, written, step, now))
          .whenComplete((reply, failure) -> {
            OptionalLong told = CommitScript.redisTime(reply);
            if (told.isPresent()) {
              clock.told(told.getAsLong(), sentAt);
              attempt(held);
            } else if (failure != null) {
              done.completeExceptionally(failure);
            } else {
              answered(written, step, reply);
            }
          });
    }

    private Known written(Known held, Step<T> step) {
      Tokens next = step.next;
      return next == null ? held : new Known(StateCodec.encode(next.state()), next.state(), 0);
    }

    private CommitScript call(Known held, Known written, Step<T> step, Moment now) {
      CommitScript call = new CommitScript(now.epochNanos());
      Tokens next = step.next;
      if (next == null) {
        call.look(redisKey, held.bytes());
        return call;
      }
      if (step.charge > 0) {
        call.takes(1, step.charge);
        call.endTake();
      }
      call.charge(
          redisKey, held.bytes(), written.bytes(), next.ttlMillis(), step.charge, step.outline);
      return call;
    }

    private CompletionStage<Object> sent(CommitScript call) {
      try {
        return call.run(link);
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private void answered(Known written, Step<T> step, @Nullable Object reply) {
      Found found = new Found(redisKey, nanoTime.getAsLong());
      try {
        CommitScript.read(reply, found);
      } catch (IllegalStateException e) {
        done.completeExceptionally(e);
        return;
      }
      Known other = found.value;
      boolean merged = found.taken && step.charge > 0;
      if (other != null && !merged) {
        attempt(other);
        return;
      }
      known.learn(
          key, other == null ? new Known(written.bytes(), written.state(), found.seenAt) : other);
      done.complete(step.result);
    }
  }

  /** What the bucket holds, where that is anything else than expected. */
  private final class Found implements CommitScript.Change {

    private final byte[] redisKey;
    private final long seenAt;
    private boolean taken;
    private @Nullable Known value;

    private Found(byte[] redisKey, long seenAt) {
      this.redisKey = redisKey;
      this.seenAt = seenAt;
    }

    @Override
    public void of(int number, boolean taken, byte[] value) {
      this.taken = taken;
      this.value = known.read(redisKey, value, seenAt);
    }
  }
}
