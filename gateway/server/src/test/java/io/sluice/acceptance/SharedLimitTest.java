package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.LocalRedis;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedLimitTest {

  @TempDir Path folder;

  @Test
  void ofTwoHundredAtOnceOverTwoGatewaysTwentyPassInEachOfTenRounds() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        House house = new House(folder)) {
      // A refill within a round would let a 21st pass, so the bucket gives nothing back for an
      // hour.
      house.policy(
          "chat", "match = \"POST /api/chat/**\"\nlimits = [ { key = user, rate = 20/hour } ]");
      List<Gateway> gateways =
          List.of(house.gatewayOn(redis.port()), house.gatewayOn(redis.port()));
      for (int round = 0; round < 10; round++) {
        String user = "user-of-round-" + round;
        List<CompletableFuture<Integer>> statuses =
            IntStream.range(0, 200)
                .mapToObj(i ->
                    house
                        .chatLater(gateways.get(i % 2), user)
                        .thenApply(answer -> answer.statusCode()))
                .toList();
        List<Integer> passed =
            statuses.stream().map(CompletableFuture::join).filter(s -> s == 201).toList();
        assertThat(passed).as("round %d", round).hasSize(20);
        assertThat(statuses.stream().map(CompletableFuture::join).filter(s -> s == 429))
            .as("round %d", round)
            .hasSize(180);
      }
      assertThat(redis.send("KEYS", "sluice:chat:main:*").lines()).hasSize(10);
    }
  }

  @Test
  void whatOneGatewayGrantedTheOtherCounts() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        House house = new House(folder)) {
      Gateway one = house.gatewayOn(redis.port());
      Gateway two = house.gatewayOn(redis.port());
      house.policy(
          "chat", "match = \"POST /api/chat/**\"\nlimits = [ { key = user, rate = 20/min } ]");
      for (int i = 0; i < 10; i++) {
        house.chat(one, "alice");
      }

      assertThat(house.chat(two, "alice").headers().firstValue("RateLimit").orElseThrow())
          .startsWith("\"chat\";r=9;");
    }
  }

  @Test
  void theBucketInRedisIsReadableAndAlwaysExpires() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        House house = new House(folder)) {
      Gateway gateway = house.gatewayOn(redis.port());
      house.chat(gateway, "alice");
      house.get(gateway, "/api/users/1");

      List<String> keys = redis.send("KEYS", "*").lines().toList();
      assertThat(keys)
          .anyMatch(key -> key.matches("sluice:chat:main:\\{[A-Za-z0-9_-]{22}}"))
          .anyMatch(key -> key.matches("sluice:default:main:\\{[A-Za-z0-9_-]{22}}"))
          .noneMatch(key -> key.contains("alice"));
      assertThat(keys).allSatisfy(key -> assertThat(ttl(redis, key)).as(key).isPositive());
    }
  }

  private static long ttl(LocalRedis redis, String key) {
    return Long.parseLong(redis.send("PTTL", key).strip());
  }
}
