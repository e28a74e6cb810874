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
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Changes one bucket in Redis: computes the change from what the bucket is thought to hold, has
 * {@link CommitScript} carry it out where that is so, and tries again with what came back where it
 * is not. An attempt on a clock that is too far from Redis' own is repeated on Redis' time; one
 * that is not answered is not. Whoever completes the future first has no further attempt made.
 * Thread-safe.
 *
 * <p>A charge, and what is given back, <b>merges</b> into whatever the bucket turns out to hold, so
 * that it is carried out however many others write there. {@link GroupCommit} says why that is
 * right for a charge, and it is as right below zero. Giving back commutes with a refill that is
 * still owed, for both are cut off at the same capacity: {@code min(C, min(C, s + refill) + g) =
 * min(C, s + refill + g) = min(C, min(C, s + g) + refill)}. Nothing is merged where there is
 * nothing: a bucket may be full by then or lost, and that is for the change to tell.
 */
final class SingleKeyCommit {

  private static final int MOST_ATTEMPTS = 64;

  private final RedisLink link;
  private final String prefix;
  private final KnownStates known;
  private final RedisTime clock;
  private final LongSupplier nanoTime;
  private final boolean merging;

  SingleKeyCommit(
      RedisLink link,
      String prefix,
      KnownStates known,
      RedisTime clock,
      LongSupplier nanoTime,
      boolean merging) {
    this.link = link;
    this.prefix = prefix;
    this.known = known;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.merging = merging;
  }

  /**
   * What an attempt makes of a bucket.
   *
   * @param next what the bucket is to hold; null leaves it as it is, and only looks
   * @param charge what may be merged into another value than the expected one, negative to give
   *     back; 0 for nothing
   * @param result what the change has come to, by what the bucket holds once it is carried out
   */
  record Step<T>(@Nullable Tokens next, long charge, Function<Tokens, T> result) {}

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
  <T> CompletionStage<T> commit(BucketKey key, Terms terms, Change<T> change) {
    Known held = known.get(key);
    Run<T> run = new Run<>(key, terms, change);
    run.attempt(held == null ? Known.absent(nanoTime.getAsLong()) : held, false);
    return run.done;
  }

  /** One change, attempt by attempt; each begins when the one before has ended. */
  private final class Run<T> {

    private final BucketKey key;
    private final byte[] redisKey;
    private final Terms terms;
    private final Change<T> change;
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private int attempts;

    private Run(BucketKey key, Terms terms, Change<T> change) {
      this.key = key;
      this.terms = terms;
      this.redisKey = key.inRedis(prefix).getBytes(UTF_8);
      this.change = change;
    }

    private void attempt(Known held, boolean seen) {
      if (done.isDone()) {
        return; // It was called off.
      }
      if (++attempts > MOST_ATTEMPTS) {
        done.completeExceptionally(
            new StoreOverloadedException("the bucket changes too fast to be settled: " + key));
        return;
      }
      Moment now = clock.now();
      Step<T> step = change.of(held, now);
      if (seen && step.next == null) {
        end(step, held, now);
        return;
      }
      Known written = written(held, step);
      long sentAt = nanoTime.getAsLong();
      sent(call(held, written, step, now))
          .whenComplete((reply, failure) -> {
            OptionalLong told = CommitScript.redisTime(reply);
            if (told.isPresent()) {
              clock.told(told.getAsLong(), sentAt);
              attempt(held, seen);
            } else if (failure != null) {
              done.completeExceptionally(failure);
            } else {
              answered(written, step, now, reply);
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
      String outline =
          merging && step.charge != 0
              ? MergeLayout.outline(next.state(), terms)
              : MergeLayout.NOTHING_TO_MERGE;
      call.settle(redisKey, held.bytes(), written.bytes(), next.ttlMillis(), step.charge, outline);
      return call;
    }

    private CompletionStage<Object> sent(CommitScript call) {
      try {
        return call.run(link);
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    private void answered(Known written, Step<T> step, Moment now, @Nullable Object reply) {
      Found found = new Found(redisKey, nanoTime.getAsLong());
      try {
        CommitScript.read(reply, found);
      } catch (IllegalStateException e) {
        done.completeExceptionally(e);
        return;
      }
      Known other = found.value;
      if (other == null) {
        end(step, new Known(written.bytes(), written.state(), found.seenAt), now);
      } else if (found.taken && step.next != null) {
        end(step, other, now);
      } else {
        attempt(other, true);
      }
    }

    private void end(Step<T> step, Known holds, Moment now) {
      known.learn(key, holds);
      done.complete(step.result.apply(holds.tokens(terms, now)));
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
