package io.sluice.store;

import static io.sluice.policy.Policy.OnOutage.LOCAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;
import io.sluice.policy.KeyPart;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import io.sluice.policy.PolicyBook;
import io.sluice.policy.RoutePattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What every store of buckets promises. */
abstract class BucketStoreContract {

  static final Bandwidth CHAT = Bandwidth.of(20, Duration.ofMinutes(1));
  static final Bandwidth LOGIN = new Bandwidth(5, 5, Duration.ofMinutes(15), Mode.INTERVAL);

  private static final RoutePattern EVERYTHING =
      new RoutePattern(Set.of(), null, List.of(new RoutePattern.Segment.Rest()), "/**");

  private static final AtomicLong CALLERS = new AtomicLong();

  final FakeTime time = new FakeTime();

  /** Returns the store under test, working on {@link #time}. */
  abstract BucketStore store();

  /** Returns a key nobody has used. */
  static BucketKey key(String policy) {
    return new BucketKey(policy, "main", "caller-%015d".formatted(CALLERS.incrementAndGet()));
  }

  static Draw draw(BucketKey key, Bandwidth bandwidth, long tokens) {
    return new Draw(key, bandwidth, tokens, LOCAL);
  }

  static Draw one(BucketKey key) {
    return draw(key, CHAT, 1);
  }

  static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  static PolicyBook book(String policy, Bandwidth bandwidth) {
    Limit limit = new Limit(Limit.MAIN, List.of(KeyPart.of(KeyPart.Kind.GLOBAL)), bandwidth, 429);
    return new PolicyBook(
        bandwidth.toString(),
        List.of(
            new Policy(
                policy,
                List.of(EVERYTHING),
                List.of(limit),
                1,
                Policy.Mode.ENFORCE,
                LOCAL,
                List.of())));
  }

  Verdict take(BucketKey key, Bandwidth bandwidth, long tokens) throws Exception {
    return get(store().take(List.of(draw(key, bandwidth, tokens)))).get(0);
  }

  Verdict peek(BucketKey key, Bandwidth bandwidth, long tokens) throws Exception {
    return get(store().peek(List.of(draw(key, bandwidth, tokens)))).get(0);
  }

  @Test
  void aNewBucketIsFull() throws Exception {
    Verdict verdict = take(key("chat"), CHAT, 1);
    assertThat(verdict.granted()).isTrue();
    assertThat(verdict.remaining()).isEqualTo(19);
    assertThat(verdict.nanosToNext()).isEqualTo(3_000_000_000L);
    assertThat(verdict.nanosToGrant()).isZero();
  }

  @Test
  void grantsTheCapacityAndNoMore() throws Exception {
    BucketKey key = key("chat");
    for (int i = 19; i >= 0; i--) {
      assertThat(take(key, CHAT, 1).remaining()).isEqualTo(i);
    }
    Verdict refused = take(key, CHAT, 1);
    assertThat(refused.granted()).isFalse();
    assertThat(refused.remaining()).isZero();
    assertThat(refused.nanosToNext()).isEqualTo(3_000_000_000L);
    assertThat(refused.nanosToGrant()).isEqualTo(3_000_000_000L);
  }

  @Test
  void aRefusalTakesNothing() throws Exception {
    BucketKey key = key("chat");
    take(key, CHAT, 18);
    assertThat(take(key, CHAT, 3).granted()).isFalse();
    assertThat(take(key, CHAT, 2).granted()).isTrue();
  }

  @Test
  void moreThanTheCapacityIsNeverGranted() throws Exception {
    Verdict verdict = take(key("chat"), CHAT, 21);
    assertThat(verdict.granted()).isFalse();
    assertThat(verdict.nanosToGrant()).isEqualTo(Long.MAX_VALUE);
    assertThat(verdict.nanosToNext()).isZero();
  }

  @Test
  void waitingNanosToGrantGrantsAndOneMillisecondLessDoesNot() throws Exception {
    Bandwidth odd = new Bandwidth(7, 7, Duration.ofMillis(60_001), Mode.GREEDY);
    for (Bandwidth bandwidth : List.of(CHAT, odd, LOGIN)) {
      BucketKey key = key("chat");
      take(key, bandwidth, bandwidth.capacity());
      time.passNanos(1_234_567_891L);
      long wait = take(key, bandwidth, 2).nanosToGrant();
      time.passNanos(wait - 1_000_000);
      assertThat(take(key, bandwidth, 2).granted()).isFalse();
      time.passNanos(1_000_000);
      assertThat(take(key, bandwidth, 2).granted()).isTrue();
    }
  }

  @Test
  void tokensReturnEvenly() throws Exception {
    BucketKey key = key("chat");
    take(key, CHAT, 20);
    time.pass(Duration.ofSeconds(9));
    Verdict verdict = take(key, CHAT, 1);
    assertThat(verdict.granted()).isTrue();
    assertThat(verdict.remaining()).isEqualTo(2);
    time.pass(Duration.ofMinutes(5));
    assertThat(take(key, CHAT, 1).remaining()).isEqualTo(19);
  }

  @Test
  void tokensReturnTogetherAtTheEndOfAnInterval() throws Exception {
    BucketKey key = key("auth");
    take(key, LOGIN, 5);
    time.pass(Duration.ofMinutes(14));
    Verdict refused = take(key, LOGIN, 1);
    assertThat(refused.granted()).isFalse();
    assertThat(refused.nanosToGrant()).isEqualTo(60_000_000_000L);
    time.pass(Duration.ofMinutes(1));
    assertThat(take(key, LOGIN, 5).granted()).isTrue();
  }

  @Test
  void allBucketsAreChargedOrNone() throws Exception {
    BucketKey user = key("chat");
    BucketKey endpoint = key("search");
    BucketKey global = key("capacity");
    List<Draw> draws =
        List.of(draw(user, CHAT, 1), draw(endpoint, LOGIN, 1), draw(global, CHAT, 2));
    for (int i = 0; i < 5; i++) {
      assertThat(get(store().take(draws))).allMatch(Verdict::granted);
    }
    List<Verdict> refused = get(store().take(draws));
    assertThat(refused).extracting(Verdict::granted).containsExactly(true, false, true);
    assertThat(refused).extracting(Verdict::remaining).containsExactly(15L, 0L, 10L);
    assertThat(take(user, CHAT, 15).granted()).isTrue();
    assertThat(take(global, CHAT, 10).granted()).isTrue();
  }

  @Test
  void peekShowsWhatIsThereAndTakesNothing() throws Exception {
    BucketKey key = key("chat");
    for (int i = 0; i < 10; i++) {
      Verdict seen = peek(key, CHAT, 3);
      assertThat(seen.granted()).isTrue();
      assertThat(seen.remaining()).isEqualTo(20);
      assertThat(seen.nanosToNext()).isZero();
    }
    take(key, CHAT, 20);
    assertThat(peek(key, CHAT, 1).granted()).isFalse();
    time.pass(Duration.ofSeconds(3));
    assertThat(peek(key, CHAT, 1).granted()).isTrue();
    assertThat(take(key, CHAT, 1).granted()).isTrue();
  }

  @Test
  void settlingChargesBelowZeroAndIsPaidBackByTime() throws Exception {
    BucketKey key = key("chat");
    take(key, CHAT, 15);
    get(store().settle(key, CHAT, 10));
    Verdict refused = take(key, CHAT, 1);
    assertThat(refused.granted()).isFalse();
    assertThat(refused.remaining()).isZero();
    assertThat(refused.nanosToNext()).isEqualTo(18_000_000_000L);
    assertThat(refused.nanosToGrant()).isEqualTo(18_000_000_000L);
    time.pass(Duration.ofSeconds(18));
    assertThat(take(key, CHAT, 1).granted()).isTrue();
  }

  @Test
  void settlingGivesBackUpToTheCapacity() throws Exception {
    BucketKey key = key("chat");
    take(key, CHAT, 20);
    assertThat(take(key, CHAT, 1).granted()).isFalse();
    get(store().settle(key, CHAT, -5));
    assertThat(take(key, CHAT, 1).remaining()).isEqualTo(4);
    get(store().settle(key, CHAT, -500));
    assertThat(take(key, CHAT, 1).remaining()).isEqualTo(19);
  }

  @Test
  void settlingABucketThatDoesNotExistChargesAFullOne() throws Exception {
    BucketKey key = key("chat");
    get(store().settle(key, CHAT, 12));
    assertThat(take(key, CHAT, 1).remaining()).isEqualTo(7);
  }

  @Test
  void resetMakesABucketFull() throws Exception {
    BucketKey key = key("chat");
    assertThat(get(store().reset(key))).isFalse();
    take(key, CHAT, 20);
    assertThat(take(key, CHAT, 1).granted()).isFalse();
    assertThat(get(store().reset(key))).isTrue();
    assertThat(take(key, CHAT, 1).remaining()).isEqualTo(19);
  }

  @Test
  void aRaisedLimitHelpsAtOnceAndKeepsWhatWasSpent() throws Exception {
    BucketKey key = key("chat");
    store().adopt(book("chat", CHAT));
    take(key, CHAT, 20);
    assertThat(take(key, CHAT, 1).granted()).isFalse();
    Bandwidth raised = Bandwidth.of(40, Duration.ofMinutes(1));
    store().adopt(book("chat", raised));
    assertThat(take(key, raised, 1).remaining()).isEqualTo(19);
    assertThat(take(key, raised, 20).granted()).isFalse();
    assertThat(take(key, raised, 19).granted()).isTrue();
  }

  @Test
  void whoIsOutOfTokensIsRefilledAtTheNewPaceFromTheFirstRefusalOn() throws Exception {
    BucketKey key = key("chat");
    Bandwidth slow = Bandwidth.of(20, Duration.ofDays(1));
    store().adopt(book("chat", slow));
    take(key, slow, 20);
    assertThat(take(key, slow, 1).granted()).isFalse();
    store().adopt(book("chat", CHAT));
    assertThat(take(key, CHAT, 1).nanosToGrant()).isEqualTo(3_000_000_000L);
    time.pass(Duration.ofSeconds(3));
    assertThat(take(key, CHAT, 1).granted()).isTrue();
    assertThat(take(key, CHAT, 1).granted()).isFalse();
    store().adopt(book("chat", slow));
    assertThat(take(key, slow, 1).granted()).isFalse();
    time.pass(Duration.ofSeconds(3));
    assertThat(take(key, slow, 1).granted()).isFalse();
  }

  @Test
  void aLoweredLimitKeepsWhatWasSpent() throws Exception {
    BucketKey some = key("chat");
    BucketKey much = key("chat");
    store().adopt(book("chat", CHAT));
    take(some, CHAT, 3);
    take(much, CHAT, 17);
    Bandwidth lowered = Bandwidth.of(10, Duration.ofMinutes(1));
    store().adopt(book("chat", lowered));
    assertThat(take(some, lowered, 1).remaining()).isEqualTo(6);
    Verdict refused = take(much, lowered, 1);
    assertThat(refused.granted()).isFalse();
    assertThat(refused.nanosToGrant()).isEqualTo(6_000_000_000L);
  }

  @Test
  void anotherWayOrPeriodOfRefillingKeepsWhatWasSpent() throws Exception {
    Bandwidth interval = new Bandwidth(20, 20, Duration.ofMinutes(1), Mode.INTERVAL);
    Bandwidth quick = new Bandwidth(20, 20, Duration.ofSeconds(7), Mode.INTERVAL);
    Bandwidth slow = Bandwidth.of(20, Duration.ofHours(1));
    List<Bandwidth> bandwidths = List.of(CHAT, interval, quick, slow, quick, interval, CHAT, slow);
    BucketKey key = key("chat");
    store().adopt(book("chat", CHAT));
    take(key, CHAT, 15);
    long remaining = 5;
    for (Bandwidth bandwidth : bandwidths) {
      store().adopt(book("chat", bandwidth));
      Verdict verdict = take(key, bandwidth, 1);
      assertThat(verdict.granted()).isTrue();
      assertThat(verdict.remaining()).as(bandwidth.toString()).isEqualTo(--remaining);
      remaining = Math.max(remaining, 3);
      if (verdict.remaining() < 3) {
        get(store().settle(key, bandwidth, verdict.remaining() - 3));
      }
      time.passNanos(1);
    }
  }

  @Test
  void manyThreadsNeverGetMoreThanTheCapacity() throws Exception {
    BucketKey key = key("chat");
    BucketKey other = key("search");
    AtomicInteger granted = new AtomicInteger();
    Bandwidth wide = Bandwidth.of(1_000, Duration.ofHours(1));
    together(
        8,
        thread -> {
          // Both orders of naming the same two buckets, so that careless locking would deadlock.
          List<Draw> draws =
              thread % 2 == 0
                  ? List.of(draw(key, wide, 1), draw(other, wide, 1))
                  : List.of(draw(other, wide, 1), draw(key, wide, 1));
          List<CompletionStage<List<Verdict>>> stages = new ArrayList<>();
          for (int i = 0; i < 250; i++) {
            stages.add(store().take(draws));
          }
          for (CompletionStage<List<Verdict>> stage : stages) {
            if (get(stage).stream().allMatch(Verdict::granted)) {
              granted.incrementAndGet();
            }
          }
        });
    assertThat(granted).hasValue(1_000);
    assertThat(peek(key, wide, 1).remaining()).isZero();
    assertThat(peek(other, wide, 1).remaining()).isZero();
  }

  @Test
  void manyThreadsNeverGetMoreThanCapacityAndRefill() throws Exception {
    BucketKey key = key("chat");
    AtomicInteger granted = new AtomicInteger();
    Bandwidth brisk = new Bandwidth(50, 1_000, Duration.ofSeconds(1), Mode.GREEDY);
    together(
        4,
        thread -> {
          for (int i = 0; i < 300; i++) {
            if (take(key, brisk, 1).granted()) {
              granted.incrementAndGet();
            }
            time.passNanos(500_000);
          }
        });
    // 4 threads x 300 x half a millisecond = 600 ms at one token a millisecond.
    assertThat(granted.get()).isBetween(500, 650);
  }

  /** What one thread does. */
  interface Work {
    void run(int thread) throws Exception;
  }

  /** Runs the same work in several threads and passes on the first failure. */
  static void together(int threads, Work work) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int thread = i;
        futures.add(
            executor.submit(() -> {
              work.run(thread);
              return thread;
            }));
      }
      for (Future<?> future : futures) {
        future.get(60, TimeUnit.SECONDS);
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
