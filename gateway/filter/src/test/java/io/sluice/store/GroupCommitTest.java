package io.sluice.store;

import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static io.sluice.store.BucketStoreContract.together;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth;
import io.sluice.redis.LettuceLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gateways on one Redis, all at once. */
class GroupCommitTest {

  private static final Bandwidth TWENTY = Bandwidth.of(20, Duration.ofHours(1));
  private static RedisHouse house;
  private static List<LettuceLink> links;

  private final FakeTime time = new FakeTime();

  @BeforeAll
  static void open() {
    house = new RedisHouse();
    links = List.of(house.link(), house.link(), house.link());
  }

  @AfterAll
  static void close() {
    house.close();
  }

  private List<RedisBucketStore> gateways(boolean merging) {
    return links.stream()
        .map(link -> RedisHouse.store(link, time, System::nanoTime, merging))
        .toList();
  }

  private static boolean granted(List<Verdict> verdicts) {
    return verdicts.stream().allMatch(Verdict::granted);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ofTwoHundredAtOnceOverTwoGatewaysTwentyPass(boolean merging) throws Exception {
    List<RedisBucketStore> gateways = gateways(merging).subList(0, 2);
    for (int round = 0; round < 10; round++) {
      BucketKey key = key("hot");
      List<CompletionStage<List<Verdict>>> stages = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        stages.add(gateways.get(i % 2).take(List.of(draw(key, TWENTY, 1))));
      }
      int passed = 0;
      for (CompletionStage<List<Verdict>> stage : stages) {
        passed += granted(get(stage)) ? 1 : 0;
      }
      assertThat(passed).as("round %d", round).isEqualTo(20);
    }
  }

  @Test
  void threeLimitsAreTakenTogetherOrNotAtAll() throws Exception {
    List<RedisBucketStore> gateways = gateways(true);
    List<BucketKey> users = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      users.add(key("user"));
    }
    List<BucketKey> endpoints = List.of(key("endpoint"), key("endpoint"));
    BucketKey global = key("global");
    Bandwidth perUser = Bandwidth.of(40, Duration.ofHours(10));
    Bandwidth perEndpoint = Bandwidth.of(550, Duration.ofHours(100));
    Bandwidth overall = Bandwidth.of(1_000, Duration.ofHours(100));
    AtomicIntegerArray ofUser = new AtomicIntegerArray(users.size());
    AtomicIntegerArray ofEndpoint = new AtomicIntegerArray(2);
    AtomicInteger all = new AtomicInteger();
    together(
        6,
        thread -> {
          RedisBucketStore gateway = gateways.get(thread % 3);
          for (int burst = 0; burst < 10; burst++) {
            List<CompletionStage<Void>> stages = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
              int user = (thread * 7 + burst * 13 + i) % users.size();
              int endpoint = (user + i) % 2;
              List<Draw> draws =
                  List.of(
                      draw(users.get(user), perUser, 1),
                      draw(endpoints.get(endpoint), perEndpoint, 1),
                      draw(global, overall, 1));
              stages.add(
                  gateway
                      .take(draws)
                      .thenAccept(verdicts -> {
                        if (granted(verdicts)) {
                          ofUser.incrementAndGet(user);
                          ofEndpoint.incrementAndGet(endpoint);
                          all.incrementAndGet();
                        }
                      }));
            }
            for (CompletionStage<Void> stage : stages) {
              get(stage);
            }
          }
        });
    // 3600 tries on 1000 tokens; 1200 of the users' and 1100 of the endpoints'.
    assertThat(all).hasValue(1_000);
    RedisBucketStore anyone = gateways.get(0);
    assertThat(left(anyone, global, overall)).isZero();
    for (int i = 0; i < 2; i++) {
      assertThat(left(anyone, endpoints.get(i), perEndpoint)).isEqualTo(550 - ofEndpoint.get(i));
    }
    for (int i = 0; i < users.size(); i++) {
      assertThat(left(anyone, users.get(i), perUser)).isEqualTo(40 - ofUser.get(i));
    }
  }

  private static long left(RedisBucketStore store, BucketKey key, Bandwidth bandwidth)
      throws Exception {
    return get(store.peek(List.of(draw(key, bandwidth, 1)))).get(0).remaining();
  }

  @Test
  void aForgottenScriptIsSentAgainAndNothingIsLost() throws Exception {
    RedisBucketStore store = gateways(true).get(0);
    BucketKey key = key("flush");
    Bandwidth wide = Bandwidth.of(2_000, Duration.ofHours(1_000));
    AtomicInteger granted = new AtomicInteger();
    together(
        2,
        thread -> {
          for (int i = 0; i < 500; i++) {
            if (i % 100 == 50) {
              house.redis().send("SCRIPT", "FLUSH");
            }
            if (granted(get(store.take(List.of(draw(key, wide, 1)))))) {
              granted.incrementAndGet();
            }
          }
        });
    assertThat(granted).hasValue(1_000);
    assertThat(left(store, key, wide)).isEqualTo(1_000);
  }

  @Test
  void manyBucketsAtOnceAreSplitIntoBatches() throws Exception {
    RedisBucketStore store = gateways(true).get(0);
    List<CompletionStage<List<Verdict>>> stages = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      stages.add(store.take(List.of(draw(key("many"), TWENTY, 1), draw(key("many"), TWENTY, 2))));
    }
    for (CompletionStage<List<Verdict>> stage : stages) {
      assertThat(get(stage)).extracting(Verdict::remaining).containsExactly(19L, 18L);
    }
  }
}
