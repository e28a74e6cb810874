package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadTest {

  @TempDir Path folder;

  @Test
  void aRaisedLimitLetsTwentyMoreThroughAndNotForty() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        House house = new House(folder)) {
      raisedLimitLetsTwentyMoreThrough(house, house.gatewayOn(redis.port()));
    }
  }

  @Test
  void aRaisedLimitLetsTwentyMoreThroughWithoutRedisToo() throws Exception {
    try (House house = new House(folder)) {
      raisedLimitLetsTwentyMoreThrough(house, house.gateway("redis { enabled = false }"));
    }
  }

  @Test
  void aLoweredAndRaisedLimitHandsOutNoFreshBucket() throws Exception {
    try (House house = new House(folder)) {
      chat(house, 20);
      Gateway gateway = house.gateway("redis { enabled = false }");
      assertThat(passed(house, gateway, 15)).isEqualTo(15);
      reload(house, gateway, 10);
      assertThat(passed(house, gateway, 3)).isZero();
      reload(house, gateway, 20);

      assertThat(passed(house, gateway, 30)).isBetween(9L, 10L);
    }
  }

  @Test
  void aBrokenFileChangesNothingAndIsShownWithItsLine() throws Exception {
    try (House house = new House(folder)) {
      Gateway gateway = house.gateway("redis { enabled = false }");
      String before = revision(gateway);
      house.policy(
          "chat",
          "match = \"POST /api/chat/**\"\nlimits = [ { key = user, rate = 20/fortnight } ]");
      Eventually.becomes(
          "the metric says so",
          () ->
              house
                  .admin(gateway, "GET", "/metrics")
                  .body()
                  .lines()
                  .anyMatch(line -> line.matches("sluice_config_reload_failed 1(\\.0)?")));

      String shown = house.admin(gateway, "GET", "/admin/policies").body();
      assertThat(shown)
          .contains("\"outcome\" : \"refused\"")
          .contains("chat.conf")
          .contains("\"line\" : 2")
          .contains("fortnight");
      assertThat(revision(gateway)).isEqualTo(before);
      assertThat(house.chat(gateway, "alice").headers().firstValue("X-RateLimit-Limit"))
          .contains("20");
      assertThat(house.admin(gateway, "POST", "/admin/reload").statusCode()).isEqualTo(422);
      assertThat(house.admin(gateway, "GET", "/health/ready").statusCode()).isEqualTo(200);
    }
  }

  private static void raisedLimitLetsTwentyMoreThrough(House house, Gateway gateway) {
    chat(house, 20);
    house.admin(gateway, "POST", "/admin/reload");
    assertThat(passed(house, gateway, 30)).isEqualTo(20);
    reload(house, gateway, 40);

    assertThat(passed(house, gateway, 50)).isEqualTo(20);
  }

  /** Rates by the hour, so that nothing comes back during the test. */
  private static void chat(House house, int rate) {
    house.policy(
        "chat",
        "match = \"POST /api/chat/**\"\nlimits = [ { key = user, rate = %d/hour } ]"
            .formatted(rate));
  }

  private static void reload(House house, Gateway gateway, int rate) {
    String before = revision(gateway);
    chat(house, rate);
    Eventually.becomes("the edit is in force", () -> !revision(gateway).equals(before));
  }

  private static long passed(House house, Gateway gateway, int requests) {
    long passed = 0;
    for (int i = 0; i < requests; i++) {
      passed += house.chat(gateway, "alice").statusCode() == 201 ? 1 : 0;
    }
    return passed;
  }

  private static String revision(Gateway gateway) {
    return gateway.engine().book().get().revision();
  }
}
