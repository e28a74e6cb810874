package io.sluice.store;

import io.sluice.limit.StoreUnavailableException;
import io.sluice.redis.RedisUnavailableException;
import io.sluice.redis.Seldom;
import io.sluice.redis.WatchedLink;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the breaker what a question without answer says about the shared store. Thread-safe. */
final class Blame {

  private static final Logger LOG = LoggerFactory.getLogger(OutageStore.class);

  private final Breaker breaker;
  private final WatchedLink link;
  private final LongSupplier nanoTime;
  private final StoreUnavailableException silence;
  private final LongAdder missedDeadlines = new LongAdder();
  private final Seldom lines = new Seldom();

  Blame(Breaker breaker, WatchedLink link, long deadline, LongSupplier nanoTime) {
    this.breaker = breaker;
    this.link = link;
    this.nanoTime = nanoTime;
    this.silence =
        new StoreUnavailableException(
            "%s did not answer within %d ms"
                .formatted(link.target(), TimeUnit.NANOSECONDS.toMillis(deadline)),
            null);
  }

  long missedDeadlines() {
    return missedDeadlines.sum();
  }

  /**
   * A deadline passed. If Redis was heard since the question was asked it is slow, which may happen
   * to one; otherwise it is taken for lost.
   */
  void late(long askedAt) {
    missedDeadlines.increment();
    long now = nanoTime.getAsLong();
    if (link.heardNanos() - askedAt < 0) {
      breaker.open(silence, now);
    } else {
      breaker.miss(silence, now);
    }
  }

  /** The store failed. What it does not explain is a fault of one request or of ours. */
  void failed(Throwable failure) {
    long now = nanoTime.getAsLong();
    if (failure instanceof StoreUnavailableException
        || failure instanceof RedisUnavailableException) {
      Throwable told = told(failure);
      if (told instanceof RedisUnavailableException || link.isUp()) {
        breaker.miss(told, now);
      }
      if (told instanceof RedisUnavailableException problem && problem.isRefusal()) {
        breaker.doubt();
      }
      return; // Who is down says so itself, and why.
    }
    if (lines.isDue(now)) {
      LOG.error("the shared store failed on a request, which was decided without it", failure);
    }
  }

  /** Returns what Redis itself, or the line to it, had to say, where that is behind the failure. */
  private static Throwable told(Throwable failure) {
    return failure.getCause() instanceof RedisUnavailableException cause ? cause : failure;
  }
}
