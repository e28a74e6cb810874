package io.sluice.store;

import static io.sluice.store.BucketStoreContract.key;
import static io.sluice.store.BucketStoreContract.one;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.limit.Verdict.Source;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The counts of a cluster, of which each node's switch counts its part. */
class OutageTallyTest {

  private final FakeTime time = new FakeTime();
  private final OutageTally whole = new OutageTally();

  @Test
  void aPartThatIsAwayTooBeginsNoOutageOfTheWhole() {
    FakeLink first = new FakeLink();
    FakeLink second = new FakeLink();
    OutageStore one = store(first);
    OutageStore two = store(second);
    whole.begin();
    first.lose("closed");
    for (int i = 0; i < 3; i++) {
      assertThat(one.take(List.of(one(key("chat")))).toCompletableFuture()).isCompleted();
    }

    second.lose("closed too");

    assertThat(whole.last().counted()).isEqualTo(3);
    assertThat(one.status().lastOutage().counted()).isEqualTo(3);
    assertThat(two.status().lastOutage().counted()).isZero();
  }

  private OutageStore store(FakeLink link) {
    MemoryBucketStore local = new MemoryBucketStore(new StoreSettings(1_000, 1), time);
    OutageStore store =
        new OutageStore(
            new FakeStore(Source.REDIS),
            local,
            new Recovery(local, new FakeLedger(), key -> true, whole.part()),
            link,
            new RedisProbe(link, "sluice:"),
            Duration.ofMillis(25),
            time,
            OutageListener.NONE);
    store.watchLink();
    link.connect();
    store.tick();
    link.answerProbe();
    assertThat(store.asksShared()).isTrue();
    return store;
  }
}
