package io.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisScript;
import io.sluice.redis.RedisUnavailableException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that this gateway lives, and knows how many do: those by whom a limit is divided while Redis
 * is away.
 *
 * <p>Each gateway writes itself into one sorted set every two seconds or so, by Redis' clock, and
 * reads how many are in it; who was not heard for ten seconds is dropped, who stops takes itself
 * out. So the number follows a start and a stop within a beat of the others, and a crash within ten
 * seconds. Without Redis the last number stays, and is 1 before there was any.
 *
 * <p>A gateway that finds itself missing was cut off, or Redis has lost the set: the others may not
 * have come back yet. A smaller number is not believed then until they have had those ten seconds.
 *
 * <p><b>When gateways disagree.</b> Shares of 1/n add up to a limit only if all n are away from
 * Redis together. One that is cut off alone grants its share besides what the others grant in
 * Redis: at most the limit and one share, until its debits arrive. Of m gateways that never heard
 * of each other each grants the whole limit. Thread-safe; never blocks, has no thread of its own.
 */
public final class LiveGateways {

  private static final Logger LOG = LoggerFactory.getLogger(LiveGateways.class);

  /** Beyond this nobody is believed to live, in nanoseconds; the script has it in milliseconds. */
  private static final long SILENCE_NANOS = 10_000_000_000L;

  private static final RedisScript BEAT =
      new RedisScript(
          """
          local time = redis.call('TIME')
          local now = time[1] * 1000 + math.floor(time[2] / 1000)
          local missing = redis.pcall('ZADD', KEYS[1], now, ARGV[1])
          if type(missing) == 'table' then
            if not string.find(missing.err, 'WRONGTYPE', 1, true) then
              return missing
            end
            redis.call('PEXPIRE', KEYS[1], 0) -- somebody else's; DEL might not be granted
            missing = redis.call('ZADD', KEYS[1], now, ARGV[1])
          end
          redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 10000)
          redis.call('ZREMRANGEBYSCORE', KEYS[1], now + 10000, '+inf')
          redis.call('PEXPIRE', KEYS[1], 60000)
          return {redis.call('ZCARD', KEYS[1]), missing}
          """);

  private static final RedisScript LEAVE =
      new RedisScript("return redis.call('ZREM', KEYS[1], ARGV[1])");

  private final RedisLink link;
  private final List<byte[]> key;
  private final List<byte[]> self = List.of(UUID.randomUUID().toString().getBytes(UTF_8));
  private final LongSupplier nanoTime;
  private final AtomicBoolean underWay = new AtomicBoolean();
  private volatile int count = 1;
  private volatile boolean left;
  private boolean heard;
  private boolean held;
  private long heldUntil;
  private boolean complained;

  /**
   * Creates one that has said nothing yet.
   *
   * @param prefix what all keys begin with; the set is {@code <prefix>gateways}
   * @param nanoTime elapsed nanoseconds from any origin
   */
  public LiveGateways(RedisLink link, String prefix, LongSupplier nanoTime) {
    this.link = link;
    this.key = List.of((prefix + "gateways").getBytes(UTF_8));
    this.nanoTime = nanoTime;
  }

  /** Returns the key of the set. */
  public String key() {
    return new String(key.get(0), UTF_8);
  }

  /** Returns how many live, this one included, as far as it was last heard; at least 1. */
  public int count() {
    return count;
  }

  /** Says that this gateway lives; for every two seconds or so, but not while a breaker is open. */
  public void beat() {
    if (left || !link.isUp() || !underWay.compareAndSet(false, true)) {
      return;
    }
    var unused =
        run(BEAT)
            .whenComplete((reply, failure) -> {
              if (reply instanceof List<?> two
                  && two.size() == 2
                  && two.get(0) instanceof Long number
                  && two.get(1) instanceof Long missing) {
                heard(number.intValue(), missing > 0);
              } else {
                complain(failure);
              }
              underWay.set(false);
            });
  }

  /** Returns whether Redis has not answered the last beat yet. */
  boolean isWaiting() {
    return underWay.get();
  }

  /** Takes this gateway out for good; completes when that is done, or will not be. */
  public CompletionStage<Void> leave() {
    left = true;
    if (!link.isUp()) {
      return CompletableFuture.completedFuture(null);
    }
    return run(LEAVE).handle((reply, failure) -> null);
  }

  private CompletionStage<Object> run(RedisScript script) {
    try {
      return link.run(script, key, self);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private synchronized void heard(int number, boolean missing) {
    long now = nanoTime.getAsLong();
    if (missing && heard) {
      held = true;
      heldUntil = now + SILENCE_NANOS;
    }
    held &= heldUntil - now > 0;
    heard = true;
    complained = false;
    int next = Math.max(1, held ? Math.max(count, number) : number);
    if (next != count) {
      LOG.info("{} gateways share the limits in this Redis, {} did before", next, count);
      count = next;
    }
  }

  /** Says once that gateways cannot be counted; that Redis is away is said elsewhere. */
  private synchronized void complain(@Nullable Throwable failure) {
    boolean refusal =
        failure == null
            || (Question.unwrapped(failure) instanceof RedisUnavailableException problem
                && problem.isRefusal());
    if (refusal && !complained) {
      complained = true;
      LOG.warn(
          "the gateways that live cannot be counted, so {} is taken for their number during an"
              + " outage: {}",
          count,
          failure == null ? "not a reply of our script" : Question.unwrapped(failure).getMessage());
    }
  }
}
