package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.policy.Bandwidth;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the buckets of this process owe to the shared store; {@link Recovery} has the rule.
 * Thread-safe.
 */
final class Debts {

  /**
   * What one bucket owes.
   *
   * @param tokens at most one capacity; negative where tokens were given back
   */
  record Debt(BucketKey key, Bucket bucket, Bandwidth bandwidth, long tokens) {}

  private final ConcurrentMap<BucketKey, Bucket> buckets;
  private final LongSupplier epochNanos;
  private final ConcurrentMap<BucketKey, CompletableFuture<Void>> underWay =
      new ConcurrentHashMap<>();

  Debts(ConcurrentMap<BucketKey, Bucket> buckets, LongSupplier epochNanos) {
    this.buckets = buckets;
    this.epochNanos = epochNanos;
  }

  /** Returns whether nothing is owed, for no bucket is held. */
  boolean isEmpty() {
    return buckets.isEmpty();
  }

  /** Returns whether the bucket is held, and so may owe something. */
  boolean mayOwe(BucketKey key) {
    return buckets.containsKey(key);
  }

  /** Returns the keys of the buckets held; those that come meanwhile may be among them. */
  Iterator<BucketKey> keys() {
    return buckets.keySet().iterator();
  }

  /**
   * Begins to debit a bucket, whoever does so for which server.
   *
   * @param done is to be completed after {@link #end}
   * @return what is completed when a debit ends that is under way already; null where none is
   */
  @Nullable CompletableFuture<Void> begin(BucketKey key, CompletableFuture<Void> done) {
    return underWay.putIfAbsent(key, done);
  }

  /** The debit of a bucket that was begun has ended. */
  void end(BucketKey key) {
    underWay.remove(key);
  }

  /**
   * Hands over what a bucket owes: from now on it is taken for debited.
   *
   * @return null where there is nothing to do for the shared store; the bucket has left then
   */
  @Nullable Debt handOver(BucketKey key) {
    Bucket bucket = buckets.get(key);
    if (bucket == null) {
      return null;
    }
    bucket.lock();
    try {
      long now = epochNanos.getAsLong();
      long owed = bucket.owed(now);
      if (bucket.gone() || (owed == 0 && bucket.missingBefore(now) == 0)) {
        drop(key, bucket);
        return null;
      }
      bucket.handOver();
      long most = bucket.whole().capacity();
      return new Debt(key, bucket, bucket.whole(), Math.max(-most, Math.min(most, owed)));
    } finally {
      bucket.unlock();
    }
  }

  /** A debt was debited: the bucket leaves unless it owes more by now. */
  void paid(Debt debt) {
    debt.bucket.lock();
    try {
      if (debt.bucket.owed(epochNanos.getAsLong()) == 0) {
        drop(debt.key, debt.bucket);
      }
    } finally {
      debt.bucket.unlock();
    }
  }

  /** A debt was not debited, for certain: the bucket owes it again. */
  void unpaid(Debt debt) {
    debt.bucket.lock();
    try {
      debt.bucket.takeBack(debt.tokens);
    } finally {
      debt.bucket.unlock();
    }
  }

  /**
   * Has a bucket leave whatever it owes.
   *
   * @return whether there was one
   */
  boolean forgive(BucketKey key) {
    Bucket bucket = buckets.get(key);
    if (bucket != null) {
      drop(key, bucket);
    }
    return bucket != null;
  }

  private void drop(BucketKey key, Bucket bucket) {
    bucket.lock();
    try {
      bucket.leave();
      buckets.remove(key, bucket);
    } finally {
      bucket.unlock();
    }
  }
}
