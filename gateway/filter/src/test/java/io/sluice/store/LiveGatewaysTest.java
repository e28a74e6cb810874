package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LogLines;
import io.sluice.fixtures.ShippedRights;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gateways that come, go and crash, each on a link of its own to a real Redis. */
class LiveGatewaysTest {

  private static RedisHouse house;
  private static Gate gate;
  private static Gate otherGate;

  private final LogLines log = new LogLines(LiveGateways.class);
  private final FakeTime time = new FakeTime();
  private final LiveGateways one = gateway(gate);
  private final LiveGateways two = gateway(otherGate);

  @BeforeAll
  static void open() {
    house = new RedisHouse();
    gate = new Gate(house.link());
    otherGate = new Gate(house.link());
  }

  @AfterAll
  static void close() {
    house.close();
  }

  @BeforeEach
  void empty() {
    house.redis().send("FLUSHALL");
  }

  @AfterEach
  void letThrough() {
    gate.up(true);
    gate.release();
    log.close();
  }

  @Test
  void aGatewayIsAloneUntilItHasHeardOfOthers() {
    assertThat(one.count()).isEqualTo(1);
    beat(one);
    beat(two);
    assertThat(one.count()).isEqualTo(1);
    assertThat(two.count()).isEqualTo(2);

    beat(one);

    assertThat(one.count()).isEqualTo(2);
    assertThat(house.redis().send("PTTL", "sluice:gateways"))
        .satisfies(millis -> assertThat(Long.parseLong(millis.strip())).isBetween(1L, 60_000L));
  }

  @Test
  void whoStopsIsGoneAtOnceAndWhoCrashesAfterTenSeconds() {
    LiveGateways three = gateway(gate);
    beat(one);
    beat(two);
    beat(three);
    three.leave().toCompletableFuture().join();
    beat(one);
    assertThat(one.count()).isEqualTo(2);

    time.pass(Duration.ofMillis(9_900));
    beat(one);
    assertThat(one.count()).isEqualTo(2);
    time.pass(Duration.ofMillis(200));
    beat(one);
    assertThat(one.count()).isEqualTo(1);
  }

  @Test
  void whoHasLeftSaysNothingAnyMore() {
    beat(one);
    one.leave().toCompletableFuture().join();
    one.beat();
    beat(two);
    assertThat(two.count()).isEqualTo(1);
  }

  @Test
  void theLastNumberStaysWhileTheLinkIsDown() {
    beat(one);
    beat(two);
    beat(one);
    gate.up(false);
    house.redis().send("FLUSHALL");
    one.beat();
    one.leave().toCompletableFuture().join();
    assertThat(house.redis().send("EXISTS", "sluice:gateways").strip()).endsWith("0");
    assertThat(one.count()).isEqualTo(2);
  }

  @Test
  void anUnansweredBeatIsNotFollowedByAnother() {
    gate.hold();
    one.beat();
    one.beat();
    one.beat();
    assertThat(gate.held()).isEqualTo(1);
    gate.fail();
    beat(one);
    beat(two);
    assertThat(two.count()).isEqualTo(2);
    assertThat(log.get()).noneMatch(line -> line.startsWith("WARN"));
  }

  @Test
  void aRedisThatLostTheListDoesNotMakeTheFirstOneBackBelieveItIsAlone() {
    beat(one);
    beat(two);
    beat(one);
    house.redis().send("FLUSHALL");

    beat(one);
    assertThat(one.count()).isEqualTo(2);
    time.pass(Duration.ofSeconds(5));
    beat(one);
    assertThat(one.count()).isEqualTo(2);
    time.pass(Duration.ofSeconds(6));
    beat(one);
    assertThat(one.count()).isEqualTo(1);
  }

  @Test
  void whatSomebodyElseWroteThereIsOverwrittenAndTheNumberStays() {
    beat(one);
    beat(two);
    beat(one);
    house.redis().send("SET", "sluice:gateways", "rubbish");
    beat(one);
    assertThat(one.count()).isEqualTo(2);
    beat(two);
    assertThat(two.count()).isEqualTo(2);
    assertThat(house.redis().send("ZCARD", "sluice:gateways").strip()).isEqualTo("2");
    assertThat(log.get()).noneMatch(line -> line.startsWith("WARN"));
  }

  @Test
  void whoWasHeardByAClockThatWasSetBackIsNotKeptForEver() {
    beat(one);
    beat(two);
    time.pass(Duration.ofHours(-1));
    beat(one);
    assertThat(one.count()).isEqualTo(1);
  }

  @Test
  void theRightsThatUsersAclGrantsAreEnoughAndNoneOfThemIsSpare() throws Exception {
    List<String> words = List.of(("user sluice on >secret " + ShippedRights.read()).split(" "));
    assertThat(complaints(words)).isEmpty();
    for (String right : List.of("+zadd", "+zremrangebyscore", "+zcard", "+pexpire", "+time")) {
      assertThat(words).contains(right);
      assertThat(complaints(words.stream().filter(word -> !word.equals(right)).toList()))
          .as("without " + right)
          .hasSize(1);
    }
  }

  /** Beats as the user that these words describe; returns what it complains of. */
  private List<String> complaints(List<String> words) throws Exception {
    RedisLogin login = new RedisLogin("sluice", "secret");
    int before = log.get().size();
    try (LocalRedis redis = LocalRedis.builder().directive(String.join(" ", words)).start();
        LettuceLink link =
            new LettuceLink(
                RedisSettings.at(LocalRedis.HOST, redis.port())
                    .with(Duration.ofSeconds(2))
                    .with(login),
                System::nanoTime)) {
      assertThat(link.awaitUp(Duration.ofSeconds(20))).isTrue();
      beat(new LiveGateways(link, "sluice:", System::nanoTime));
    }
    return log.get().subList(before, log.get().size());
  }

  private LiveGateways gateway(RedisLink link) {
    return new LiveGateways(new TimedLink(link, time), "sluice:", time);
  }

  /** Beats, and waits for the answer. */
  private static void beat(LiveGateways gateway) {
    gateway.beat();
    Eventually.becomes("Redis has answered", () -> !gateway.isWaiting());
  }
}
