package io.sluice.store;

import static io.sluice.store.BucketStoreContract.CHAT;
import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.LocalCluster;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ClusterStoreRedisTest {

  private static final Bandwidth SLOW = Bandwidth.of(20, Duration.ofHours(10));

  private static ClusterHouse house;
  private static ClusterHouse.Gateway first;
  private static ClusterStore one;
  private static ClusterStore two;

  @BeforeAll
  static void start() {
    house = new ClusterHouse(3, 0, LocalCluster.STEADY);
    first = house.gateway(Duration.ofSeconds(5));
    one = first.store();
    two = house.gateway(Duration.ofSeconds(5)).store();
  }

  @AfterAll
  static void end() {
    house.close();
  }

  /** Else gateways would not count each other, and each would grant all of a limit alone. */
  @Test
  void everySlotsNodeIsAskedForOtherThingsBeforeABucketIsThere() {
    for (int i = 0; i < 100; i++) {
      assertThat(first.nodes().asksShared("sluice:something:" + i)).isTrue();
    }
  }

  @Test
  void twoGatewaysGrantALimitExactly() throws Exception {
    for (int round = 0; round < 5; round++) {
      BucketKey key = key("chat");
      List<CompletionStage<List<Verdict>>> takes = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        takes.add((i % 2 == 0 ? one : two).take(List.of(draw(key, SLOW, 1))));
      }
      assertThat(granted(takes)).isEqualTo(20);
    }
  }

  @Test
  void bucketsOfSeveralSlotsGrantExactlyWhatTheTightestHas() throws Exception {
    BucketKey everybody = key("capacity");
    Bandwidth wide = Bandwidth.of(50, Duration.ofHours(10));
    List<CompletionStage<List<Verdict>>> takes = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      List<Draw> draws = List.of(draw(everybody, wide, 1), draw(key("chat"), SLOW, 1));
      takes.add((i % 2 == 0 ? one : two).take(draws));
    }
    assertThat(granted(takes)).isEqualTo(50);
  }

  @Test
  void aRefusalGivesBackWhatOtherSlotsHadGranted() throws Exception {
    BucketKey tight = key("chat");
    BucketKey wide = key("capacity");
    get(two.take(List.of(draw(wide, CHAT, 20))));
    for (int i = 0; i < 5; i++) {
      List<Verdict> refused = get(one.take(List.of(draw(wide, CHAT, 20), draw(tight, SLOW, 3))));
      assertThat(refused).extracting(Verdict::granted).containsExactly(false, true);
      assertThat(refused.get(1).remaining()).isEqualTo(20);
    }
    Verdict seen = get(two.peek(List.of(draw(tight, SLOW, 1)))).get(0);
    assertThat(seen.remaining()).isEqualTo(20);
    assertThat(seen.source()).isEqualTo(Source.REDIS);
  }

  private static int granted(List<CompletionStage<List<Verdict>>> takes) throws Exception {
    int granted = 0;
    for (CompletionStage<List<Verdict>> take : takes) {
      List<Verdict> verdicts = get(take);
      assertThat(verdicts).extracting(Verdict::source).containsOnly(Source.REDIS);
      granted += verdicts.stream().allMatch(Verdict::granted) ? 1 : 0;
    }
    return granted;
  }
}
