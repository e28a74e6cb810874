package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The rows of the table of failures in docs/operations.md in which a line that worked is lost and
 * the way to another one leads nowhere.
 */
@Timeout(120)
class RedisRedialTest {

  /** Some attempts to connect end unanswered in it. */
  private static final Duration AWHILE = Duration.ofSeconds(3);

  @TempDir Path folder;

  @Test
  void attemptsToConnectUnansweredAfterTheLineBroke() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.silence();
      site.assertRedisDecides(); // What is open stays.
      site.relay.reset();
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("closed the connection");
    }
  }

  @Test
  void attemptsToConnectUnansweredAfterTheLineFellSilent() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.silence();
      site.relay.abandon();
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("did not answer within 100 ms");
    }
  }

  @Test
  void newConnectionsSwallowedAfterTheLineBroke() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.blackHole();
      site.relay.reset();
      site.untilAlone().assertAlone(AWHILE);
      assertThat(site.relay.knocks()).hasSizeGreaterThan(1);
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("closed the connection");
    }
  }
}
