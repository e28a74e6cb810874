package io.sluice.store;

import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LocalSentinel;
import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.policy.Bandwidth;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of buckets when a failover loses what the old master was told last. */
@Timeout(120)
class LostWritesTest {

  private static final int CAPACITY = 100;
  private static final Bandwidth HOURLY = Bandwidth.of(CAPACITY, Duration.ofHours(1));

  private final FakeTime time = new FakeTime(); // Stands still, so nothing is refilled.

  @Test
  void aFailoverGrantsAgainWhatItLostAndNoMore() {
    try (LocalSentinel all = LocalSentinel.start();
        LettuceLink link = link(all);
        LettuceLink otherLink = link(all)) {
      BucketStore store = RedisHouse.store(link, time, System::nanoTime, true);
      BucketStore other = RedisHouse.store(otherLink, time, System::nanoTime, true);
      BucketKey key = key("chat");
      LocalRedis first = all.master();
      assertThat(granted(store, key, 30) + granted(other, key, 20)).isEqualTo(50);
      assertThat(first.send("WAIT", "2", "10000")).isEqualTo("2");
      all.stopReplication();
      int lost = granted(store, key, 7) + granted(other, key, 6);
      assertThat(lost).isEqualTo(13);

      first.kill();

      LocalRedis second = all.awaitSuccessor(first);
      int afterwards = granted(store, key, CAPACITY) + granted(other, key, CAPACITY);
      assertThat(50 + lost + afterwards).isEqualTo(CAPACITY + lost);
      assertThat(second.send("KEYS", "sluice:chat:main:*").lines()).hasSize(1);
    }
  }

  private static int granted(BucketStore store, BucketKey key, int attempts) {
    int granted = 0;
    for (int i = 0; i < attempts; i++) {
      if (isGranted(store, key)) {
        granted++;
      }
    }
    return granted;
  }

  /** Asks until there is an answer: what was not answered while no master was there is not sent. */
  private static boolean isGranted(BucketStore store, BucketKey key) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (true) {
      try {
        return store
            .take(List.of(draw(key, HOURLY, 1)))
            .toCompletableFuture()
            .join()
            .get(0)
            .granted();
      } catch (CompletionException e) {
        assertThat(e).hasCauseInstanceOf(StoreUnavailableException.class);
        assertThat(System.nanoTime()).isLessThan(end);
        LockSupport.parkNanos(5_000_000);
      }
    }
  }

  private static LettuceLink link(LocalSentinel all) {
    List<RedisAddress> nodes =
        all.sentinels().stream()
            .map(each -> new RedisAddress(LocalRedis.HOST, each.port()))
            .toList();
    LettuceLink link =
        new LettuceLink(
            RedisSettings.at("nowhere", 1)
                .with(new RedisTopology.Sentinel(LocalSentinel.NAME, nodes, RedisLogin.NONE))
                .with(Duration.ofSeconds(2)),
            System::nanoTime);
    try {
      assertThat(link.awaitUp(Duration.ofSeconds(20))).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return link;
  }
}
