package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.store.StoreStatus.Mode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class OutageUnderLoadTest {

  @TempDir Path folder;

  @Test
  void noRequestFailsWhileRedisIsKilledBroughtBackAndHung() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        House house = new House(folder)) {
      Gateway gateway =
          house.gateway("redis { host = 127.0.0.1, port = %d }".formatted(redis.port()));
      try (Load load = Load.start(house, gateway)) {
        Eventually.becomes("Redis decides", () -> mode(gateway) == Mode.REDIS);
        load.goOn(200);

        redis.kill();
        Eventually.becomes("the gateway decides alone", () -> mode(gateway) == Mode.LOCAL);
        load.goOn(500);
        redis.restart();
        Eventually.becomes("Redis decides again", () -> mode(gateway) == Mode.REDIS);
        load.goOn(200);

        redis.pause();
        Eventually.becomes("the gateway decides alone again", () -> mode(gateway) == Mode.LOCAL);
        load.goOn(500);
        assertThat(house.admin(gateway, "GET", "/health/ready").statusCode()).isEqualTo(200);
        redis.resume();
        Eventually.becomes("Redis decides at last", () -> mode(gateway) == Mode.REDIS);
        load.goOn(200);

        assertThat(load.outcomes()).containsOnlyKeys("200");
      }
    }
  }

  @Test
  void eachPolicySaysWhatHappensWhileRedisIsAway() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        House house = new House(folder)) {
      policy(house, "local");
      policy(house, "allow");
      policy(house, "deny");
      Gateway gateway = house.gatewayOn(redis.port());
      Eventually.becomes("Redis decides", () -> mode(gateway) == Mode.REDIS);
      redis.kill();
      Eventually.becomes("the gateway decides alone", () -> mode(gateway) == Mode.LOCAL);

      List<Integer> local = statuses(house, gateway, "local");
      assertThat(local).containsExactly(404, 404, 429);
      assertThat(statuses(house, gateway, "allow")).containsExactly(404, 404, 404);
      assertThat(statuses(house, gateway, "deny")).containsExactly(503, 503, 503);
      var denied = house.get(gateway, "/deny");
      assertThat(denied.headers().firstValue("Retry-After")).isPresent();
      assertThat(denied.body()).contains("temporary-reduced-capacity").contains("\"deny\"");
      assertThat(house.get(gateway, "/allow").headers().firstValue("RateLimit")).isEmpty();
    }
  }

  @Test
  void startsWithoutRedisAndAttachesWhenItComes() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        House house = new House(folder)) {
      redis.kill();
      Gateway gateway = house.gatewayOn(redis.port());
      assertThat(house.chat(gateway, "alice").statusCode()).isEqualTo(201);
      assertThat(mode(gateway)).isEqualTo(Mode.LOCAL);
      redis.restart();
      Eventually.becomes("Redis decides", () -> mode(gateway) == Mode.REDIS);

      house.chat(gateway, "alice");
      assertThat(redis.send("KEYS", "sluice:chat:main:*").lines()).hasSize(1);
    }
  }

  @Test
  void aWrongPasswordIsAnOutageThatIsSaid() throws Exception {
    try (LocalRedis redis = LocalRedis.builder().password("right").start();
        House house = new House(folder)) {
      Gateway gateway = house.gatewayOn(redis.port(), "redis { password = wrong }");

      assertThat(house.chat(gateway, "alice").statusCode()).isEqualTo(201);
      assertThat(house.admin(gateway, "GET", "/health/ready").statusCode()).isEqualTo(200);
      assertThat(house.admin(gateway, "GET", "/admin/store").body())
          .contains("password")
          .doesNotContain("wrong\"");
    }
  }

  private static void policy(House house, String onOutage) {
    house.policy(
        onOutage,
        """
        match = "/%1$s"
        limits = [ { key = ip, rate = 2/hour } ]
        on-outage = %1$s
        """
            .formatted(onOutage));
  }

  private static List<Integer> statuses(House house, Gateway gateway, String path) {
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      statuses.add(house.get(gateway, "/" + path).statusCode());
    }
    return statuses;
  }

  private static Mode mode(Gateway gateway) {
    return gateway.engine().storeStatus().mode();
  }
}
