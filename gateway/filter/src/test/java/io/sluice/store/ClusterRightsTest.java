package io.sluice.store;

import static io.sluice.store.BucketStoreContract.CHAT;
import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.LocalCluster;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.ShippedRights;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisLogin;
import io.sluice.store.ClusterHouse.Gateway;
import io.sluice.store.StoreStatus.Mode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a gateway needs of a cluster, and what it says when it does not get it. */
class ClusterRightsTest {

  private static final Duration PATIENT = Duration.ofSeconds(2);

  private static ClusterHouse house;

  @BeforeAll
  static void start() {
    house =
        new ClusterHouse(
            2,
            0,
            LocalCluster.STEADY,
            user("sluice", "+cluster|slots +asking"),
            user("blind", "+asking"),
            user("bare", "+cluster|slots"));
  }

  @AfterAll
  static void end() {
    house.close();
  }

  /** Returns one with the rights for any shape, and these. */
  private static String user(String name, String more) {
    return "user %s on >secret %s %s".formatted(name, ShippedRights.read(), more);
  }

  private static Gateway gateway(String user) {
    return house.gatewayThatMayFail(PATIENT, new RedisLogin(user, "secret"));
  }

  @Test
  void theListOfRightsIsEnoughAlsoForSlotsThatMove() throws Exception {
    Gateway gateway = gateway("sluice");
    assertThat(gateway.nodes().awaitShared(Duration.ofSeconds(20))).isTrue();
    assertThat(takenWhileMoving(gateway)).isEqualTo(Source.REDIS);
  }

  @Test
  void withoutAskingSlotsThatMoveAreCountedHere() throws Exception {
    Gateway gateway = gateway("bare");
    assertThat(gateway.nodes().awaitShared(Duration.ofSeconds(20))).isTrue();
    assertThat(takenWhileMoving(gateway)).isEqualTo(Source.LOCAL);
  }

  private static Source takenWhileMoving(Gateway gateway) throws Exception {
    LocalCluster cluster = house.cluster();
    BucketKey key = key("chat");
    while (gateway.nodes().slotOf(key) >= LocalCluster.SLOTS / 2) {
      key = key("chat");
    }
    get(gateway.store().take(List.of(draw(key, CHAT, 1))));
    int slot = gateway.nodes().slotOf(key);
    cluster.beginMove(slot, cluster.node(0), cluster.node(1));
    cluster.moveKeys(slot, cluster.node(0), cluster.node(1));
    Verdict verdict = get(gateway.store().take(List.of(draw(key, CHAT, 1)))).get(0);
    assertThat(verdict.remaining()).isEqualTo(18);
    cluster.endMove(slot, cluster.node(1));
    return verdict.source();
  }

  @Test
  void withoutClusterSlotsTheProblemIsSaid() throws Exception {
    Gateway gateway = gateway("blind");
    assertThat(gateway.nodes().awaitShared(Duration.ofSeconds(20))).isFalse();
    StoreStatus status = gateway.nodes().status();
    assertThat(status.mode()).isEqualTo(Mode.LOCAL);
    assertThat(status.lastProblem()).contains("NOPERM", "cluster", "grant");
    assertThat(get(gateway.store().take(List.of(draw(key("chat"), CHAT, 1)))).get(0).source())
        .isEqualTo(Source.LOCAL);
  }

  @Test
  void aServerThatIsNoNodeIsSaidToBeNone() throws Exception {
    try (LocalRedis alone = LocalRedis.start()) {
      Gateway gateway =
          house.gatewayThatMayFail(
              PATIENT, RedisLogin.NONE, new RedisAddress(LocalRedis.HOST, alone.port()));
      assertThat(gateway.nodes().awaitShared(Duration.ofSeconds(20))).isFalse();
      assertThat(gateway.nodes().status().lastProblem())
          .contains("it is no node of a cluster; set redis.host");
    }
  }

  @Test
  void aClusterThatIsNotThereIsKnownBeforeLong() throws Exception {
    int port;
    try (LocalRedis gone = LocalRedis.start()) {
      port = gone.port();
    }
    Gateway gateway =
        house.gatewayThatMayFail(PATIENT, RedisLogin.NONE, new RedisAddress(LocalRedis.HOST, port));
    assertThat(gateway.nodes().awaitShared(Duration.ofSeconds(20))).isFalse();
    assertThat(get(gateway.store().take(List.of(draw(key("chat"), CHAT, 1)))).get(0).source())
        .isEqualTo(Source.LOCAL);
  }
}
