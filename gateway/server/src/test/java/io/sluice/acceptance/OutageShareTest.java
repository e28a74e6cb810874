package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FaultRelay;
import io.sluice.fixtures.LocalRedis;
import io.sluice.store.StoreStatus;
import io.sluice.store.StoreStatus.Mode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two whole gateways lose a Redis that does not persist, and find it again. */
@Timeout(180)
class OutageShareTest {

  @TempDir Path folder;

  @Test
  void anOutageGivesNobodyMoreThanTheLimitAndLeavesTheLimitSpent() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        House house = new House(folder)) {
      house.policy(
          "chat", "match = \"POST /api/chat/**\"\nlimits = [ { key = user, rate = 20/hour } ]");
      Gateway one = house.gatewayOn(redis.port());
      Gateway two = house.gatewayOn(redis.port());
      Eventually.becomes("both know of each other", () -> gateways(one) == 2 && gateways(two) == 2);
      assertThat(granted(house, one, "alice")).isEqualTo(20);
      assertThat(granted(house, two, "bob", 8)).isEqualTo(8);

      redis.kill();
      Eventually.becomes(
          "both decide alone", () -> mode(one) == Mode.LOCAL && mode(two) == Mode.LOCAL);

      assertThat(granted(house, one, "alice")).as("the drained stay drained").isZero();
      assertThat(granted(house, one, "carol") + granted(house, two, "carol")).isEqualTo(20);
      assertThat(granted(house, two, "bob")).as("half of the twelve left").isEqualTo(6);
      assertThat(house.admin(one, "GET", "/admin/store").body())
          .contains("\"gateways\" : 2", "1/2 of each limit", "\"tokens-granted\" : 10");

      redis.restart();
      Eventually.becomes("both have settled", () -> settled(one) && settled(two));
      assertThat(granted(house, one, "alice")).as("nor does a Redis that lost them").isZero();
      assertThat(granted(house, one, "carol") + granted(house, two, "carol")).isZero();
      assertThat(granted(house, one, "bob")).isEqualTo(6);
      assertThat(house.admin(one, "GET", "/metrics").body())
          .contains("sluice_gateways 2", "sluice_outage_debited_tokens_total 10")
          .contains("sluice_outage_restored_tokens_total 20");

      two.close();
      Eventually.becomes("the other knows that it is alone", () -> gateways(one) == 1);
    }
  }

  @Test
  void gatewaysThatDisagreeWhoLivesGrantTheLimitAndOneShareWhichIsTakenBack() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        FaultRelay relay = FaultRelay.before(redis.port());
        House house = new House(folder)) {
      house.policy(
          "chat", "match = \"POST /api/chat/**\"\nlimits = [ { key = user, rate = 20/hour } ]");
      Gateway one = house.gatewayOn(redis.port());
      Gateway two = house.gatewayOn(relay.port());
      Eventually.becomes("both know of each other", () -> gateways(one) == 2 && gateways(two) == 2);

      relay.refuse();
      relay.cut();
      Eventually.becomes("the second decides alone", () -> mode(two) == Mode.LOCAL);
      assertThat(granted(house, two, "dave")).as("a share").isEqualTo(10);
      assertThat(granted(house, one, "dave")).as("the limit, in Redis").isEqualTo(20);

      Eventually.becomes("the first takes the second for gone", () -> gateways(one) == 1);
      assertThat(gateways(two)).isEqualTo(2);
      redis.pause();
      Eventually.becomes(
          "both decide alone",
          () -> {
            house.chat(one, "frank");
            return mode(one) == Mode.LOCAL;
          });
      assertThat(granted(house, one, "erin")).as("the whole limit").isEqualTo(20);
      assertThat(granted(house, two, "erin")).as("a share").isEqualTo(10);

      redis.resume();
      relay.pass();
      Eventually.becomes(
          "both have settled and agree",
          () -> settled(one) && settled(two) && gateways(one) == 2 && gateways(two) == 2);
      for (String user : List.of("dave", "erin")) {
        assertThat(granted(house, one, user) + granted(house, two, user)).as(user).isZero();
      }
      long overdrawn =
          one.engine().storeStatus().total().overdrawn()
              + two.engine().storeStatus().total().overdrawn();
      assertThat(overdrawn).as("a share each").isEqualTo(20);
    }
  }

  private static long granted(House house, Gateway gateway, String user) {
    return granted(house, gateway, user, 25);
  }

  private static long granted(House house, Gateway gateway, String user, int requests) {
    long granted = 0;
    for (int i = 0; i < requests; i++) {
      int status = house.chat(gateway, user).statusCode();
      assertThat(status).isIn(201, 429);
      granted += status == 201 ? 1 : 0;
    }
    return granted;
  }

  private static boolean settled(Gateway gateway) {
    StoreStatus status = gateway.engine().storeStatus();
    return status.mode() == Mode.REDIS && !status.settling();
  }

  private static int gateways(Gateway gateway) {
    return gateway.engine().storeStatus().gateways();
  }

  private static Mode mode(Gateway gateway) {
    return gateway.engine().storeStatus().mode();
  }
}
