package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FreePort;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LogLines;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an operator reads of a gateway that stops while its Redis is away: nothing of Netty's. */
@Timeout(60)
class QuietEndTest {

  private static final int LINKS = 20;

  private final LogLines lines = new LogLines("io.netty");

  @AfterEach
  void stopListening() {
    lines.close();
  }

  /** The timer of an attempt's handshake outlives the attempt; here many of them end with it. */
  @Test
  void linksThatAreClosedWhileTheyAreTurnedAwayLogNoStackTrace() throws Exception {
    assertQuiet(RedisSettings.at(LocalRedis.HOST, FreePort.choose()));
  }

  @Test
  void norDoThoseThatAreTurnedAwayBySentinels() throws Exception {
    RedisAddress nobody = new RedisAddress(LocalRedis.HOST, FreePort.choose());
    assertQuiet(
        RedisSettings.at("nowhere", 1)
            .with(new RedisTopology.Sentinel("mymaster", List.of(nobody), RedisLogin.NONE)));
  }

  private void assertQuiet(RedisSettings nobody) throws Exception {
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
    assertThat(lines.get()).isEmpty();
  }
}
