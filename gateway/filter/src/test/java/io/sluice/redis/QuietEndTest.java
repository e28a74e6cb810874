package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FreePort;
import io.sluice.fixtures.LocalRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an operator reads of a gateway that stops while its Redis is away: nothing of Netty's. */
@Timeout(60)
class QuietEndTest {

  private static final int LINKS = 20;

  private final Logger netty = (Logger) org.slf4j.LoggerFactory.getLogger("io.netty");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    netty.addAppender(lines);
    netty.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    netty.detachAppender(lines);
    netty.setAdditive(true);
  }

  /** The timer of an attempt's handshake outlives the attempt; here many of them end with it. */
  @Test
  void linksThatAreClosedWhileTheyAreTurnedAwayLogNoStackTrace() throws Exception {
    RedisSettings nobody = RedisSettings.at(LocalRedis.HOST, FreePort.choose());
    List<LettuceLink> links = new ArrayList<>();
    for (int i = 0; i < LINKS; i++) {
      links.add(new LettuceLink(nobody, System::nanoTime));
    }
    Eventually.becomes(
        "all have been turned away",
        () -> links.stream().allMatch(link -> link.lastProblem().isPresent()));
    // Until the first of them are due.
    TimeUnit.MILLISECONDS.sleep(LettuceShape.HANDSHAKE_TIMEOUT.toMillis());
    CompletableFuture.allOf(
            links.stream()
                .map(link -> CompletableFuture.runAsync(link::close))
                .toArray(CompletableFuture<?>[]::new))
        .get(40, TimeUnit.SECONDS);
    assertThat(lines.list).isEmpty();
  }
}
