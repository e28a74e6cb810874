package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.store.StoreStatus.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PasswordRotationTest {

  @TempDir Path folder;

  @Test
  void aRotationUnderLoadIsNotNoticedUntilConnectionsAreKilled() throws Exception {
    Path file = Files.writeString(folder.resolve("password"), "first\n");
    try (LocalRedis redis = LocalRedis.start();
        House house = new House(folder)) {
      redis.send("ACL", "SETUSER", "ann", "on", "~sluice:*", "+@all", ">first");
      Gateway gateway =
          house.gateway(
              "redis { host = 127.0.0.1, port = %d, timeout = 5s, username = ann }"
                  .formatted(redis.port()),
              "redis.password-file = \"%s\"".formatted(file));
      Eventually.becomes("Redis decides", () -> mode(gateway) == Mode.REDIS);
      Callers callers = new Callers(house, gateway);
      callers.goOn();

      redis.send("ACL", "SETUSER", "ann", ">second");
      Files.writeString(file, "second\n");
      Eventually.becomes(
          "it has logged in", () -> redis.send("INFO", "commandstats").contains("cmdstat_auth:"));
      redis.send("ACL", "SETUSER", "ann", "<first");
      callers.goOn();
      assertThat(gateway.engine().storeStatus().localDecisions()).isZero();

      redis.send("CLIENT", "KILL", "USER", "ann");
      Eventually.becomes(
          "it is noticed", () -> gateway.engine().storeStatus().lastProblem() != null);
      Eventually.becomes("Redis decides again", () -> mode(gateway) == Mode.REDIS);
      callers.goOn();
      long local = gateway.engine().storeStatus().localDecisions();
      callers.goOn();
      assertThat(gateway.engine().storeStatus().localDecisions()).isEqualTo(local);
      assertThat(callers.end()).isEmpty();
    }
  }

  private static Mode mode(Gateway gateway) {
    return gateway.engine().storeStatus().mode();
  }
}
