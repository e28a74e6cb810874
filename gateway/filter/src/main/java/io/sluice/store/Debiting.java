package io.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.limit.BucketKey;
import io.sluice.redis.Moment;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisTime;
import io.sluice.redis.RedisUnavailableException;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Debits one bucket in Redis by compare-and-swap, so that it is known what was there: {@link
 * CommitScript} for a single key that merges nothing, tried again with what came back until it
 * fits. Where there is nothing although something was seen before and would not be full yet, Redis
 * has lost it: the debit is then made on what was last seen. Thread-safe.
 */
final class Debiting {

  private static final int MOST_ATTEMPTS = 64;

  private final RedisLink link;
  private final String prefix;
  private final KnownStates known;
  private final RedisTime clock;
  private final LongSupplier nanoTime;

  Debiting(
      RedisLink link, String prefix, KnownStates known, RedisTime clock, LongSupplier nanoTime) {
    this.link = link;
    this.prefix = prefix;
    this.known = known;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** Debits; see {@link Ledger#debit}. */
  CompletionStage<Debit> debit(BucketKey key, Terms terms, long tokens) {
    Known seen = known.get(key);
    Known absent = Known.absent(nanoTime.getAsLong());
    Order order = new Order(key, terms, tokens, seen == null ? absent : seen);
    attempt(order, order.remembered, 1);
    return order.done;
  }

  /** What is to be done, and what was remembered of the bucket when that began. */
  private record Order(
      BucketKey key, Terms terms, long tokens, Known remembered, CompletableFuture<Debit> done) {

    Order(BucketKey key, Terms terms, long tokens, Known remembered) {
      this(key, terms, tokens, remembered, new CompletableFuture<>());
    }
  }

  private void attempt(Order order, Known held, int number) {
    if (number > MOST_ATTEMPTS) {
      order.done.complete(Debit.NOT_DONE); // Other gateways were quicker each time.
      return;
    }
    Moment now = clock.now();
    boolean absent = held.bytes().length == 0;
    Tokens tokens = (absent ? order.remembered : held).tokens(order.terms, now);
    long restored = absent ? Math.max(0, tokens.spent()) : 0;
    if (order.tokens >= 0) {
      tokens.charge(order.tokens);
    } else {
      tokens.giveBack(-order.tokens);
    }
    CommitScript call = new CommitScript(now.epochNanos());
    byte[] redisKey = redisKey(order);
    boolean looksOnly = absent ? tokens.spent() <= 0 : order.tokens == 0;
    byte[] next = looksOnly ? held.bytes() : StateCodec.encode(tokens.state());
    if (looksOnly) {
      call.look(redisKey, next);
    } else {
      call.charge(
          redisKey, held.bytes(), next, tokens.ttlMillis(), 0, MergeLayout.NOTHING_TO_MERGE);
    }
    Known written = looksOnly ? held : new Known(next, tokens.state(), 0);
    long below = Math.max(0, Math.min(order.tokens, -tokens.available()));
    Debit debit = new Debit(Debit.Outcome.DONE, restored, below);
    long sentAt = nanoTime.getAsLong();
    sent(call)
        .whenComplete((reply, failure) -> {
          OptionalLong told = CommitScript.redisTime(reply);
          if (told.isPresent()) {
            clock.told(told.getAsLong(), sentAt);
            attempt(order, held, number + 1);
          } else if (failure != null || reply == null) {
            order.done.complete(isRefusal(failure) ? Debit.NOT_DONE : Debit.UNKNOWN);
          } else {
            answered(order, written, debit, number, reply);
          }
        });
  }

  private byte[] redisKey(Order order) {
    return order.key.inRedis(prefix).getBytes(UTF_8);
  }

  private CompletionStage<Object> sent(CommitScript call) {
    try {
      return call.run(link);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void answered(Order order, Known written, Debit debit, int number, Object reply) {
    long seenAt = nanoTime.getAsLong();
    Known[] other = new Known[1];
    try {
      CommitScript.read(
          reply, (key, taken, value) -> other[0] = known.read(redisKey(order), value, seenAt));
    } catch (RuntimeException e) {
      order.done.complete(Debit.UNKNOWN);
      return;
    }
    if (other[0] == null) {
      known.learn(order.key, new Known(written.bytes(), written.state(), seenAt));
      order.done.complete(debit);
    } else {
      attempt(order, other[0], number + 1);
    }
  }

  /** Returns whether Redis has answered that it does not do it. */
  private static boolean isRefusal(@Nullable Throwable failure) {
    return failure != null
        && Question.unwrapped(failure) instanceof RedisUnavailableException problem
        && problem.isRefusal();
  }
}
