package io.sluice.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.PolicyBook;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Buckets in this process. Every stage is complete when it is returned; thread-safe.
 *
 * <p>A take locks all its buckets, always in the order of their creation, so it sees and changes
 * them as one and cannot deadlock.
 *
 * <p><b>What the bound on memory means for exactness.</b> A bucket is dropped once it would be full
 * again, which changes nothing: a bucket that does not exist is full. At most {@link
 * StoreSettings#localBuckets} are held; beyond that one is dropped early, and its caller starts
 * again with a full bucket. Caffeine's admission (TinyLFU) then prefers whom it has seen often to
 * whom it has seen once, so a flood of invented callers pushes out other invented callers and not
 * those that use the API all day. Within the bound the store is exact: no caller gets more than
 * capacity plus refill.
 *
 * <p>A draw's bandwidth replaces that of its bucket when they differ, keeping what was spent, so a
 * new book takes effect with the first request that was matched against it.
 */
public final class MemoryBucketStore implements BucketStore {

  private static final Comparator<Bucket> ORDER = Comparator.comparingLong(Bucket::number);

  private final LongSupplier epochNanos;
  private final Cache<BucketKey, Bucket> buckets;
  private final ConcurrentHashMap<Bandwidth, Terms> terms = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();

  /**
   * Creates an empty store.
   *
   * @param epochNanos nanoseconds since the Unix epoch; may jump
   */
  public MemoryBucketStore(StoreSettings settings, LongSupplier epochNanos) {
    this.epochNanos = epochNanos;
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(settings.localBuckets())
            .expireAfter(Expiry.<BucketKey, Bucket>accessing((key, bucket) -> bucket.lifetime()))
            .ticker(epochNanos::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  @Override
  public CompletionStage<List<Verdict>> take(List<Draw> draws) {
    return CompletableFuture.completedFuture(answer(draws, true));
  }

  @Override
  public CompletionStage<List<Verdict>> peek(List<Draw> draws) {
    return CompletableFuture.completedFuture(answer(draws, false));
  }

  @Override
  public CompletionStage<Void> settle(BucketKey key, Bandwidth bandwidth, long tokens) {
    Bucket bucket = held(key, bandwidth);
    bucket.lock();
    try {
      Tokens balance = bucket.at(epochNanos.getAsLong(), termsOf(bandwidth));
      if (tokens >= 0) {
        balance.charge(tokens);
      } else {
        balance.giveBack(-tokens);
      }
      bucket.outlive(balance.nanosToFull());
    } finally {
      bucket.unlock();
    }
    // A debt takes longer to refill than an empty bucket: reading it sets the new lifetime.
    var unused = buckets.getIfPresent(key);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Boolean> reset(BucketKey key) {
    return CompletableFuture.completedFuture(buckets.asMap().remove(key) != null);
  }

  @Override
  public void adopt(PolicyBook book) {
    terms.clear();
  }

  /** Returns how many buckets are held. */
  public long size() {
    buckets.cleanUp();
    return buckets.estimatedSize();
  }

  private List<Verdict> answer(List<Draw> draws, boolean charge) {
    Bucket[] named = new Bucket[draws.size()];
    for (int i = 0; i < named.length; i++) {
      Draw draw = draws.get(i);
      named[i] = charge ? held(draw.key(), draw.bandwidth()) : seen(draw.key(), draw.bandwidth());
    }
    Bucket[] ordered = named;
    if (named.length > 1) {
      ordered = named.clone();
      Arrays.sort(ordered, ORDER);
    }
    for (Bucket bucket : ordered) {
      bucket.lock();
    }
    try {
      return decide(draws, named, charge);
    } finally {
      for (Bucket bucket : ordered) {
        bucket.unlock();
      }
    }
  }

  private List<Verdict> decide(List<Draw> draws, Bucket[] named, boolean charge) {
    long now = epochNanos.getAsLong();
    Tokens[] balances = new Tokens[named.length];
    boolean all = true;
    for (int i = 0; i < named.length; i++) {
      Draw draw = draws.get(i);
      Terms wanted = termsOf(draw.bandwidth());
      balances[i] = charge ? named[i].at(now, wanted) : named[i].copyAt(now, wanted);
      all &= balances[i].available() >= draw.tokens();
    }
    Verdict[] verdicts = new Verdict[named.length];
    for (int i = 0; i < named.length; i++) {
      long tokens = draws.get(i).tokens();
      if (all && charge) {
        balances[i].charge(tokens);
        verdicts[i] = balances[i].granted(0, Source.LOCAL);
      } else {
        verdicts[i] = balances[i].asked(tokens, Source.LOCAL);
      }
    }
    return List.of(verdicts);
  }

  private Bucket held(BucketKey key, Bandwidth bandwidth) {
    Bucket bucket = buckets.getIfPresent(key);
    return bucket != null ? bucket : buckets.get(key, absent -> fresh(bandwidth));
  }

  private Bucket seen(BucketKey key, Bandwidth bandwidth) {
    Bucket bucket = buckets.getIfPresent(key);
    return bucket != null ? bucket : fresh(bandwidth);
  }

  private Bucket fresh(Bandwidth bandwidth) {
    return new Bucket(numbers.incrementAndGet(), termsOf(bandwidth), epochNanos.getAsLong());
  }

  private Terms termsOf(Bandwidth bandwidth) {
    Terms known = terms.get(bandwidth);
    return known != null ? known : terms.computeIfAbsent(bandwidth, b -> new Terms(b, 0));
  }
}
