package io.sluice.store;

import static io.sluice.store.BucketStoreContract.CHAT;
import static io.sluice.store.BucketStoreContract.draw;
import static io.sluice.store.BucketStoreContract.get;
import static io.sluice.store.BucketStoreContract.key;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FaultRelay;
import io.sluice.fixtures.FaultRelay.Direction;
import io.sluice.fixtures.LocalCluster;
import io.sluice.fixtures.LocalRedis;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisLogin;
import io.sluice.store.ClusterHouse.Gateway;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A fault of the line to one node of a cluster. */
@Timeout(180)
class ClusterLineTest {

  @Test
  void aReplyThatNobodyAskedForHasTheConnectionToThatNodeReplaced() throws Exception {
    try (ClusterHouse house = new ClusterHouse(2, 0, LocalCluster.STEADY);
        FaultRelay relay = FaultRelay.before(house.cluster().node(0).port())) {
      LocalRedis node = house.cluster().node(0);
      LocalRedis other = house.cluster().node(1);
      String port = Integer.toString(relay.port());
      node.send("CONFIG", "SET", "cluster-announce-port", port);
      Eventually.becomes(
          "both announce the relay",
          () ->
              node.send("CLUSTER", "SLOTS").contains(port)
                  && other.send("CLUSTER", "SLOTS").contains(port));
      Gateway gateway =
          house.gatewayThatMayFail(
              Duration.ofSeconds(2),
              RedisLogin.NONE,
              new RedisAddress(LocalRedis.HOST, relay.port()),
              new RedisAddress(LocalRedis.HOST, other.port()));
      assertThat(gateway.nodes().awaitShared(Duration.ofSeconds(20))).isTrue();
      BucketKey key = keyOf(gateway, 0);
      BucketKey elsewhere = keyOf(gateway, 1);
      assertThat(take(gateway, key).source()).isEqualTo(Source.REDIS);
      assertThat(take(gateway, elsewhere).source()).isEqualTo(Source.REDIS);
      int connections = relay.knocks().size();
      node.send("CONFIG", "RESETSTAT");

      relay.delay(Direction.TO_CLIENT, Duration.ofMillis(50));
      CompletionStage<List<Verdict>> under = gateway.store().take(List.of(draw(key, CHAT, 1)));
      Eventually.becomes(
          "it is under way", () -> node.send("INFO", "commandstats").contains("evalsha"));
      relay.insert("+OK\r\n".getBytes(US_ASCII));
      get(under);
      relay.pass();

      Eventually.becomes(
          "there is another connection",
          () -> {
            take(gateway, keyOf(gateway, 0));
            return relay.knocks().size() > connections;
          });
      Eventually.becomes(
          "Redis decides again", () -> take(gateway, keyOf(gateway, 0)).source() == Source.REDIS);
      assertThat(take(gateway, elsewhere).source()).isEqualTo(Source.REDIS);
      assertThat(take(gateway, elsewhere).remaining()).isEqualTo(17);
    }
  }

  private static Verdict take(Gateway gateway, BucketKey key) throws Exception {
    return get(gateway.store().take(List.of(draw(key, CHAT, 1)))).get(0);
  }

  private static BucketKey keyOf(Gateway gateway, int half) {
    BucketKey key = key("chat");
    while (gateway.nodes().slotOf(key) / (LocalCluster.SLOTS / 2) != half) {
      key = key("chat");
    }
    return key;
  }
}
