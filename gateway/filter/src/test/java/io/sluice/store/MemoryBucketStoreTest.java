package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryBucketStoreTest extends BucketStoreContract {

  private final MemoryBucketStore store = new MemoryBucketStore(new StoreSettings(1_000, 1), time);

  @Override
  BucketStore store() {
    return store;
  }

  @Test
  void answersAtOnceAndInItsOwnName() throws Exception {
    assertThat(store.take(List.of(one(key("chat")))).toCompletableFuture()).isDone();
    assertThat(take(key("chat"), CHAT, 1).source()).isEqualTo(Source.LOCAL);
  }

  @Test
  void aFloodOfCallersNeitherGrowsItNorPushesOutWhoUsesItAllDay() throws Exception {
    BucketKey steady = key("chat");
    take(steady, CHAT, 1);
    for (int i = 0; i < 100_000; i++) {
      take(key("chat"), CHAT, 1);
      if (i % 100 == 0) {
        peek(steady, CHAT, 1);
      }
    }
    assertThat(store.size()).isLessThanOrEqualTo(1_000);
    assertThat(take(steady, CHAT, 1).remaining()).isEqualTo(18);
  }

  @Test
  void forgetsABucketOnceItIsFullAgainAndADebtNotSooner() throws Exception {
    BucketKey key = key("chat");
    BucketKey debtor = key("chat");
    take(key, CHAT, 20);
    get(store.settle(debtor, CHAT, 60));
    time.pass(Duration.ofSeconds(75));
    assertThat(store.size()).isEqualTo(1);
    assertThat(take(debtor, CHAT, 1).granted()).isFalse();
    time.pass(Duration.ofSeconds(200));
    assertThat(store.size()).isZero();
  }

  @Test
  void aBucketWhosePeriodGrowsIsKeptAsLongAsTheNewOneNeeds() throws Exception {
    Bandwidth aSecond = Bandwidth.of(10, Duration.ofSeconds(1));
    Bandwidth aDay = Bandwidth.of(10, Duration.ofDays(1));
    BucketKey key = key("chat");
    assertThat(take(key, aSecond, 10).granted()).isTrue();
    assertThat(take(key, aDay, 1).granted()).isFalse();
    time.pass(Duration.ofSeconds(12));
    assertThat(take(key, aDay, 1).granted()).isFalse();
  }

  @Test
  void aDebtIsKeptUntilItIsRefilledUnderANewBookToo() throws Exception {
    BucketKey debtor = key("chat");
    get(store.settle(debtor, CHAT, 60));
    store.adopt(book("chat", CHAT));
    assertThat(take(debtor, CHAT, 1).granted()).isFalse();
    time.pass(Duration.ofSeconds(10));
    assertThat(take(debtor, CHAT, 1).granted()).isFalse();
    time.pass(Duration.ofSeconds(75));
    assertThat(take(debtor, CHAT, 1).granted()).isFalse();
  }

  @Test
  void peekCreatesNoBucket() throws Exception {
    peek(key("chat"), CHAT, 1);
    assertThat(store.size()).isZero();
  }

  @Test
  void namingTheSameBucketsInAnyOrderDoesNotDeadlock() throws Exception {
    List<BucketKey> keys = List.of(key("chat"), key("chat"), key("chat"));
    together(
        4,
        thread -> {
          for (int i = 0; i < 50_000; i++) {
            BucketKey first = keys.get((i + thread) % 3);
            BucketKey second = keys.get((i + thread + 1 + i % 2) % 3);
            get(store.take(List.of(one(first), one(second))));
          }
        });
  }
}
