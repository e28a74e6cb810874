package io.sluice.redis;

import static io.sluice.fixtures.LocalCluster.SLOTS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.cluster.SlotHash;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalCluster;
import io.sluice.fixtures.LocalRedis;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real clusters whose nodes do not say where a node can be reached. */
@Timeout(120)
class ClusterAddressesTest {

  private static final RedisScript COUNT = new RedisScript("return redis.call('INCR', KEYS[1])");

  @Test
  void aMasterWithoutAnAddressLeavesTheOthersTheirSlots() throws Exception {
    try (LocalCluster cluster = LocalCluster.start(3, 0, "cluster-require-full-coverage no");
        ClusterLink running = link(cluster)) {
      awaitUp(running);
      cluster.forgetItself(1);
      try (ClusterLink fresh = link(cluster)) {
        for (ClusterLink link : List.of(running, fresh)) {
          Eventually.becomes(
              "a third is served by nobody",
              () -> isUnserved(link, keyOf(cluster, 1)) && link.unserved() == SLOTS / 3);
          for (int master : List.of(0, 2)) {
            String key = keyOf(cluster, master);
            Eventually.becomes("the others decide", () -> link.link(link.slotOf(key)).isUp());
            assertThat(count(link, key)).isPositive();
          }
          assertThat(link.problem()).isEmpty();
        }
      }
    }
  }

  @Test
  void nodesWithoutAHostNameAreFoundWhereAllWereToHaveOne() throws Exception {
    try (LocalCluster cluster =
            LocalCluster.start(
                2, 0, LocalCluster.STEADY, "cluster-preferred-endpoint-type hostname");
        ClusterLink link = link(cluster)) {
      awaitUp(link);
      String key = keyOf(cluster, 0);
      int slot = link.slotOf(key);
      LocalRedis from = cluster.node(0);
      LocalRedis to = cluster.node(1);
      assertThat(count(link, key)).isEqualTo(1);

      cluster.beginMove(slot, from, to);
      cluster.moveKeys(slot, from, to);
      assertThat(from.send("GET", key)).isEqualTo("(error) ASK %d ?:%d", slot, to.port());
      assertThat(count(link, key)).isEqualTo(2);

      cluster.endMove(slot, to);
      assertThat(from.send("GET", key)).isEqualTo("(error) MOVED %d ?:%d", slot, to.port());
      assertThat(count(link, key)).isEqualTo(3);
    }
  }

  private static ClusterLink link(LocalCluster cluster) throws InterruptedException {
    ClusterLink link =
        new ClusterLink(
            RedisSettings.at("nowhere", 1)
                .with(
                    new RedisTopology.Cluster(
                        cluster.ports().stream()
                            .map(port -> new RedisAddress(LocalRedis.HOST, port))
                            .toList()))
                .with(Duration.ofSeconds(5)),
            () -> System.currentTimeMillis() * 1_000_000,
            System::nanoTime);
    link.awaitSlots(Duration.ofSeconds(20));
    return link;
  }

  private static void awaitUp(ClusterLink link) {
    Eventually.becomes(
        "all slots can be reached",
        () -> IntStream.range(0, SLOTS).allMatch(slot -> link.link(slot).isUp()));
  }

  /** Sends a command, as a gateway would: it is the answer of whoever is there now that alarms. */
  private static boolean isUnserved(ClusterLink link, String key) {
    try {
      count(link, key);
      return false;
    } catch (ExecutionException e) {
      return String.valueOf(e.getMessage()).contains("serves slot " + link.slotOf(key));
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException("no answer", e);
    }
  }

  /** Returns a key of a slot that a master has from the beginning. */
  private static String keyOf(LocalCluster cluster, int master) {
    int masters = cluster.ports().size();
    for (int i = 0; ; i++) {
      int slot = SlotHash.getSlot("key" + i);
      if (slot * masters / SLOTS == master) {
        return "key" + i;
      }
    }
  }

  private static long count(ClusterLink link, String key)
      throws InterruptedException, ExecutionException, TimeoutException {
    return (Long)
        link.run(COUNT, List.of(key.getBytes(UTF_8)), List.of())
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
  }
}
