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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

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
 *
 * <p>Where it stands in for a shared store its buckets are {@link Share}s of those there, and begin
 * as full as they were last seen; {@link Recovery} says how they end.
 */
public final class MemoryBucketStore implements BucketStore {

  private static final Comparator<Bucket> ORDER = Comparator.comparingLong(Bucket::number);

  private final LongSupplier epochNanos;
  private final LastSeen lastSeen;
  private final Shares shares;
  private final Debts debts;
  private final Cache<BucketKey, Bucket> buckets;
  private final AtomicLong numbers = new AtomicLong();

  /**
   * Creates an empty store that is nobody's substitute.
   *
   * @param epochNanos nanoseconds since the Unix epoch; may jump
   */
  public MemoryBucketStore(StoreSettings settings, LongSupplier epochNanos) {
    this(settings, epochNanos, () -> 1, LastSeen.NOTHING);
  }

  /**
   * Creates an empty store that stands in for a shared one.
   *
   * @param gateways among how many gateways each limit is divided
   * @param lastSeen what is remembered of the shared store
   */
  public MemoryBucketStore(
      StoreSettings settings, LongSupplier epochNanos, IntSupplier gateways, LastSeen lastSeen) {
    this.epochNanos = epochNanos;
    this.lastSeen = lastSeen;
    this.shares = new Shares(gateways, lastSeen);
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(settings.localBuckets())
            .expireAfter(Expiry.<BucketKey, Bucket>accessing((key, bucket) -> bucket.lifetime()))
            .ticker(epochNanos::getAsLong)
            .executor(Runnable::run)
            .build();
    this.debts = new Debts(buckets.asMap(), epochNanos);
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
    while (!settled(held(key, bandwidth, 1), bandwidth, tokens)) {
      // It has left meanwhile: settle on another.
    }
    // A debt takes longer to refill than an empty bucket: reading it sets the new lifetime.
    var unused = buckets.getIfPresent(key);
    return CompletableFuture.completedFuture(null);
  }

  private boolean settled(Bucket bucket, Bandwidth bandwidth, long tokens) {
    bucket.lock();
    try {
      if (bucket.gone()) {
        return false;
      }
      Terms same = bucket.whole().equals(bandwidth) ? bucket.terms() : shares.terms(bandwidth, 1);
      Tokens balance = bucket.at(epochNanos.getAsLong(), bandwidth, same);
      balance.settle(tokens);
      bucket.outlive();
      return true;
    } finally {
      bucket.unlock();
    }
  }

  /** Resets, and forgets what was last seen of the bucket: the next one is full. */
  @Override
  public CompletionStage<Boolean> reset(BucketKey key) {
    lastSeen.forget(key);
    return CompletableFuture.completedFuture(debts.forgive(key));
  }

  @Override
  public void adopt(PolicyBook book) {
    shares.clear();
  }

  /** Returns among how many gateways each limit is divided. */
  int gateways() {
    return shares.gateways();
  }

  /** Returns what the buckets held owe to the store that this one stands in for. */
  Debts debts() {
    return debts;
  }

  /** Returns how many buckets are held. */
  public long size() {
    buckets.cleanUp();
    return buckets.estimatedSize();
  }

  private List<Verdict> answer(List<Draw> draws, boolean charge) {
    List<Verdict> verdicts = null;
    while (verdicts == null) {
      verdicts = tried(draws, charge);
    }
    return verdicts;
  }

  /** Returns null where a bucket has left between being found and being locked. */
  private @Nullable List<Verdict> tried(List<Draw> draws, boolean charge) {
    Bucket[] named = new Bucket[draws.size()];
    for (int i = 0; i < named.length; i++) {
      Draw draw = draws.get(i);
      named[i] =
          charge
              ? held(draw.key(), draw.bandwidth(), draw.tokens())
              : seen(draw.key(), draw.bandwidth(), draw.tokens());
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
      for (Bucket bucket : ordered) {
        if (bucket.gone()) {
          return null;
        }
      }
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
      Terms wanted = shares.terms(draw.bandwidth(), draw.tokens());
      balances[i] = charge ? adopted(named[i], draw, now, wanted) : named[i].copyAt(now, wanted);
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

  private Tokens adopted(Bucket bucket, Draw draw, long now, Terms wanted) {
    boolean same = bucket.terms() == wanted;
    Tokens balance = bucket.at(now, draw.bandwidth(), wanted);
    if (!same) {
      // It was found under its old terms: reading it sets the new lifetime.
      var unused = buckets.getIfPresent(draw.key());
    }
    return balance;
  }

  private Bucket held(BucketKey key, Bandwidth bandwidth, long tokens) {
    Bucket bucket = buckets.getIfPresent(key);
    return bucket != null ? bucket : buckets.get(key, absent -> begun(absent, bandwidth, tokens));
  }

  private Bucket seen(BucketKey key, Bandwidth bandwidth, long tokens) {
    Bucket bucket = buckets.getIfPresent(key);
    return bucket != null ? bucket : begun(key, bandwidth, tokens);
  }

  private Bucket begun(BucketKey key, Bandwidth bandwidth, long tokens) {
    Terms share = shares.terms(bandwidth, tokens);
    Tokens left = shares.begun(key, share, bandwidth, epochNanos.getAsLong());
    return new Bucket(numbers.incrementAndGet(), bandwidth, share, left);
  }
}
