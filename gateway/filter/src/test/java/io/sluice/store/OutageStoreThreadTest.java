package io.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LogLines;
import io.sluice.limit.BucketKey;
import io.sluice.limit.Draw;
import io.sluice.limit.StoreUnavailableException;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Policy.OnOutage;
import io.sluice.store.StoreStatus.Mode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The switch with its own thread and the clock on the wall. */
class OutageStoreThreadTest {

  private static final Draw DRAW =
      new Draw(
          new BucketKey("chat", "main", "somebody"),
          Bandwidth.of(10, Duration.ofMinutes(1)),
          1,
          OnOutage.LOCAL);

  private final LogLines log = new LogLines(OutageStore.class);
  private final FakeStore shared = new FakeStore(Source.REDIS);
  private final FakeLink link = new FakeLink();
  private final OutageStore store =
      new OutageStore(
          shared,
          new FakeStore(Source.LOCAL),
          NothingOwed.recovery(),
          link,
          new RedisProbe(link, "sluice:"),
          Duration.ofSeconds(10),
          System::nanoTime,
          OutageListener.NONE);

  @AfterEach
  void stop() {
    store.close();
    log.close();
  }

  @Test
  void probesThoughNoRequestEverWaited() {
    attach();
    shared.failWith(new StoreUnavailableException("refused at once", null));
    while (store.status().mode() == Mode.REDIS) {
      take();
    }

    Eventually.becomes("a second probe is sent", () -> link.probes() == 2);
    shared.failWith(null);
    link.answerProbe();
    Eventually.becomes("Redis decides", () -> store.status().mode() == Mode.REDIS);

    assertThat(take()).isEqualTo(Source.REDIS);
  }

  @Test
  void servesTheDeadlineOfARequestThatCameWhileItSlept() {
    OutageStore hasty =
        new OutageStore(
            shared,
            new FakeStore(Source.LOCAL),
            NothingOwed.recovery(),
            link,
            new RedisProbe(link, "sluice:"),
            Duration.ofMillis(25),
            System::nanoTime,
            OutageListener.NONE);
    try (hasty) {
      link.connect();
      hasty.start();
      while (hasty.status().mode() == Mode.LOCAL) {
        int sent = link.probes();
        Eventually.becomes(
            "a probe is sent, or Redis decides",
            () -> link.probes() > sent || hasty.status().mode() == Mode.REDIS);
        link.answerProbe();
      }
      shared.beSilent(true);
      long start = System.nanoTime();

      List<Verdict> verdicts = hasty.take(List.of(DRAW)).toCompletableFuture().join();

      assertThat(verdicts.get(0).source()).isEqualTo(Source.LOCAL);
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(25_000_000L);
    }
  }

  private void attach() {
    link.connect();
    store.start();
    Eventually.becomes("a probe is sent", () -> link.probes() == 1);
    link.answerProbe();
    Eventually.becomes("Redis decides", () -> store.status().mode() == Mode.REDIS);
  }

  private Source take() {
    return store.take(List.of(DRAW)).toCompletableFuture().join().get(0).source();
  }
}
