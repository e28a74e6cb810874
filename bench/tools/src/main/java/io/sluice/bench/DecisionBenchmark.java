package io.sluice.bench;

import io.sluice.identity.Identity;
import io.sluice.limit.CallerDigest;
import io.sluice.limit.Decision;
import io.sluice.limit.LimitObserver;
import io.sluice.limit.RateLimiter;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.PolicyBook;
import io.sluice.store.MemoryBucketStore;
import io.sluice.store.StoreSettings;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A whole decision with buckets in this process: the covering policies, the callers' digests, the
 * buckets. A thousand users take turns.
 */
@State(Scope.Benchmark)
public class DecisionBenchmark extends NanosPerCall {

  private final Identity[] callers = People.users(People.MANY);
  private final AskedPath request = AskedPath.of("/api/chat/rooms/42/messages");
  private final Limit user = Books.limit("user", Kind.USER, Books.PLENTY);
  private final RateLimiter one = limiter(Books.of(user));
  private final RateLimiter three =
      limiter(
          Books.of(
              user,
              Books.limit("endpoint", Kind.ROUTE, Books.PLENTY),
              Books.limit("everybody", Kind.GLOBAL, Books.PLENTY)));
  private final RateLimiter seldom =
      limiter(Books.of(Books.limit("user", Kind.USER, Bandwidth.of(1, Duration.ofDays(365)))));
  private int next;

  private static RateLimiter limiter(PolicyBook book) {
    MemoryBucketStore store =
        new MemoryBucketStore(
            new StoreSettings(10_000, 1), () -> System.currentTimeMillis() * 1_000_000);
    return new RateLimiter(
        () -> book, store, new CallerDigest(null), LimitObserver.NONE, System::nanoTime);
  }

  @Benchmark
  public CompletionStage<Decision> oneLimit() {
    return one.decide(request, caller());
  }

  @Benchmark
  public CompletionStage<Decision> threeLimits() {
    return three.decide(request, caller());
  }

  /** All but the first decision of each user. */
  @Benchmark
  public CompletionStage<Decision> refused() {
    return seldom.decide(request, caller());
  }

  private Identity caller() {
    next = (next + 1) & (People.MANY - 1);
    return callers[next];
  }
}
