package io.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.limit.BucketKey;
import io.sluice.limit.StoreOverloadedException;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.redis.Moment;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisTime;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Charges one bucket, or gives back to it, whatever it holds: {@link CommitScript} for a single
 * key, tried again with what came back until it fits. A charge merges where it can; giving back
 * never does, because of the cut at the capacity. Thread-safe.
 */
final class Settlement {

  private static final int MOST_ATTEMPTS = 64;

  private final RedisLink link;
  private final String prefix;
  private final KnownStates known;
  private final boolean merging;
  private final RedisTime clock;
  private final LongSupplier nanoTime;

  Settlement(
      RedisLink link,
      String prefix,
      KnownStates known,
      boolean merging,
      RedisTime clock,
      LongSupplier nanoTime) {
    this.link = link;
    this.prefix = prefix;
    this.known = known;
    this.merging = merging;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** Settles; completes when it is done, or exceptionally when it is not known to be. */
  CompletionStage<Void> settle(BucketKey key, Terms terms, long tokens) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Known held = known.get(key);
    attempt(
        new Order(key, key.inRedis(prefix).getBytes(UTF_8), terms, tokens, done),
        held != null ? held : Known.absent(nanoTime.getAsLong()),
        1);
    return done;
  }

  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  private record Order(
      BucketKey key, byte[] redisKey, Terms terms, long tokens, CompletableFuture<Void> done) {}

  private void attempt(Order order, Known held, int number) {
    if (number > MOST_ATTEMPTS) {
      order.done.completeExceptionally(
          new StoreOverloadedException("the bucket changes too fast to be settled: " + order.key));
      return;
    }
    Moment now = clock.now();
    Tokens tokens = held.tokens(order.terms, now);
    boolean charge = order.tokens > 0;
    if (charge) {
      tokens.charge(order.tokens);
    } else {
      tokens.giveBack(-order.tokens);
    }
    byte[] next = StateCodec.encode(tokens.state());
    CommitScript call = new CommitScript(now.epochNanos());
    if (charge) {
      call.takes(1, order.tokens);
      call.endTake();
    }
    boolean looksOnly = !charge && held.bytes().length == 0;
    if (looksOnly) {
      call.look(order.redisKey, held.bytes()); // A full bucket stays absent.
    } else {
      String outline =
          charge && merging
              ? MergeLayout.outline(tokens.state(), order.terms)
              : MergeLayout.NOTHING_TO_MERGE;
      call.charge(
          order.redisKey,
          held.bytes(),
          next,
          tokens.ttlMillis(),
          Math.max(0, order.tokens),
          outline);
    }
    long sentAt = nanoTime.getAsLong();
    CompletionStage<Object> reply;
    try {
      reply = call.run(link);
    } catch (RuntimeException e) {
      reply = CompletableFuture.failedFuture(e);
    }
    Known written = looksOnly ? held : new Known(next, tokens.state(), 0);
    reply.whenComplete((value, failure) -> {
      OptionalLong told = CommitScript.redisTime(value);
      if (told.isPresent()) {
        clock.told(told.getAsLong(), sentAt);
        attempt(order, held, number + 1);
      } else {
        answered(order, written, number, value, failure);
      }
    });
  }

  private void answered(
      Order order, Known written, int number, @Nullable Object reply, @Nullable Throwable failure) {
    if (failure != null || reply == null) {
      order.done.completeExceptionally(
          new StoreUnavailableException("Redis did not answer a settlement", failure));
      return;
    }
    Outcome outcome = new Outcome(known, order.redisKey, nanoTime.getAsLong());
    try {
      CommitScript.read(reply, outcome);
    } catch (RuntimeException e) {
      order.done.completeExceptionally(
          new StoreUnavailableException("Redis answered something else", e));
      return;
    }
    Known found = outcome.found;
    if (found == null) {
      known.learn(order.key, new Known(written.bytes(), written.state(), outcome.seenAt));
      order.done.complete(null);
    } else if (outcome.taken && order.tokens > 0) {
      known.learn(order.key, found);
      order.done.complete(null);
    } else {
      attempt(order, found, number + 1);
    }
  }

  private static final class Outcome implements CommitScript.Change {
    private final KnownStates known;
    private final byte[] redisKey;
    private final long seenAt;
    private boolean taken;
    private @Nullable Known found;

    private Outcome(KnownStates known, byte[] redisKey, long seenAt) {
      this.known = known;
      this.redisKey = redisKey;
      this.seenAt = seenAt;
    }

    @Override
    public void of(int number, boolean merged, byte[] value) {
      taken = merged;
      found = known.read(redisKey, value, seenAt);
    }
  }
}
