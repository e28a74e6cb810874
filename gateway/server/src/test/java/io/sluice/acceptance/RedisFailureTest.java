package io.sluice.acceptance;

import io.sluice.fixtures.FaultRelay.Direction;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The rows of the table of failures in docs/operations.md that are faults of the process. */
@Timeout(120)
class RedisFailureTest {

  private static final Duration AWHILE = Duration.ofMillis(700);

  @TempDir Path folder;

  @Test
  void killed() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.redis.kill();
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(site.redis::restart);
      site.assertLoggedOnce("closed the connection");
    }
  }

  @Test
  void hung() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.redis.pause();
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(site.redis::resume);
      site.assertLoggedOnce("did not answer within 100 ms");
    }
  }

  @Test
  void hungForLong() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.redis.pause();
      site.untilAlone().assertAlone(Duration.ofSeconds(3));
      site.assertOverAfter(site.redis::resume);
      site.assertLoggedOnce("did not answer within 100 ms");
    }
  }

  @Test
  void slow() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.delay(Direction.TO_CLIENT, Duration.ofMillis(200));
      site.untilAlone().assertAlone(Duration.ofSeconds(2));
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("did not answer within 100 ms");
    }
  }

  @Test
  void refusedAtStart() throws Exception {
    try (FailingRedis site = new FailingRedis(folder)) {
      site.relay.refuse();
      site.gateway().untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("cannot be reached (connection refused)");
    }
  }

  @Test
  void refusedLater() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.refuse();
      site.relay.cut();
      site.untilAlone().assertAlone(Duration.ofSeconds(2));
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("closed the connection");
    }
  }
}
