package io.sluice.acceptance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FaultRelay.Direction;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The rows of the table of failures in docs/operations.md that are faults of the line. */
@Timeout(120)
class RedisLineTest {

  private static final Duration AWHILE = Duration.ofMillis(700);

  @TempDir Path folder;

  @Test
  void attemptsToConnectUnansweredAtStart() throws Exception {
    try (FailingRedis site = new FailingRedis(folder)) {
      site.relay.silence();
      site.gateway().untilAlone().assertAlone(Duration.ofSeconds(2));
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("cannot be reached");
    }
  }

  @Test
  void blackHoleAtStart() throws Exception {
    try (FailingRedis site = new FailingRedis(folder)) {
      site.relay.blackHole();
      site.gateway().untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("accepts connections but does not answer");
    }
  }

  @Test
  void blackHoleLater() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.blackHole();
      site.untilAlone().assertAlone(Duration.ofSeconds(3));
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("did not answer within 100 ms");
    }
  }

  @Test
  void blackHoleForAMoment() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.blackHole();
      site.untilAlone();
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("did not answer within 100 ms");
    }
  }

  @Test
  void answersLost() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.swallow(Direction.TO_CLIENT);
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("did not answer within 100 ms");
    }
  }

  @Test
  void halfOpen() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.assertOverAfter(() -> {
        site.relay.abandon();
        site.untilAlone();
      });
      site.assertLoggedOnce("did not answer within 100 ms");
    }
  }

  @Test
  void resetBetweenReplies() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.reset();
      site.assertOverAfter(site::untilLogged);
      site.assertLoggedOnce("closed the connection");
    }
  }

  @Test
  void resetInTheMiddleOfAReply() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.resetAfter(2);
      site.left("alice");
      site.relay.pass();
      site.assertOverAfter(site::untilLogged);
      site.assertLoggedOnce("closed the connection");
    }
  }

  @Test
  void resetInTheMiddleOfEachReply() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.resetAfter(20);
      site.untilAlone().assertAlone(AWHILE);
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("closed the connection");
    }
  }

  @Test
  void octetsThatAreNoReply() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.insert(new byte[] {0x7f, 0, '?', '\r', '\n'});
      site.assertOverAfter(site::untilLogged);
      assertThat(site.log.ofStore()).hasSize(2);
    }
  }

  @Test
  void aReplyThatNobodyAskedFor() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.delay(Direction.TO_CLIENT, Duration.ofMillis(50));
      Thread request = new Thread(() -> site.left("alice"), "request");
      request.start();
      Eventually.becomes(
          "it is under way", () -> site.redis.send("INFO", "commandstats").contains("evalsha"));
      site.relay.insert("+OK\r\n".getBytes(US_ASCII));
      request.join();
      site.relay.pass();
      site.assertOverAfter(site::untilLogged);
      site.assertLoggedOnce("gave an answer to another question");
    }
  }

  @Test
  void trickling() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.relay.trickle(Direction.TO_CLIENT, 10);
      site.untilAlone().assertAlone(Duration.ofSeconds(2));
      site.assertOverAfter(site.relay::pass);
      site.assertLoggedOnce("did not answer within 100 ms");
    }
  }
}
