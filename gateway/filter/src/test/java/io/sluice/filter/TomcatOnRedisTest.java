package io.sluice.filter;

import static io.sluice.filter.Filters.USUAL;
import static io.sluice.filter.Filters.limiting;
import static io.sluice.filter.Lines.limit;
import static io.sluice.filter.Lines.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.filter.RawHttp.Answer;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.policy.Policy;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisClock;
import io.sluice.redis.RedisSettings;
import io.sluice.store.RedisBucketStore;
import io.sluice.store.StoreSettings;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The filter in a container that is not ours, and its buckets in a Redis that is real. */
@Timeout(120)
class TomcatOnRedisTest {

  private static final int REQUESTS = 300;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration MONTH = Duration.ofDays(30);

  private final LocalRedis redis = LocalRedis.start();
  private final LettuceLink link = new LettuceLink(settings(redis.port()), System::nanoTime);
  private final TomcatServer tomcat = new TomcatServer();
  private final EchoServlet echo = new EchoServlet();
  private final AtomicInteger waiting = new AtomicInteger();

  @BeforeEach
  void connect() throws InterruptedException {
    assertThat(link.awaitUp(Duration.ofSeconds(30))).isTrue();
  }

  @AfterEach
  void stop() throws Exception {
    tomcat.close();
    link.close();
    redis.close();
  }

  @Test
  void noJettyCanBeLoaded() {
    assertThatThrownBy(() -> Class.forName("org.eclipse.jetty.server.Server"))
        .isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  void ofHundredsThatWaitForRedisTogetherExactlyTheCapacityPasses() throws IOException {
    serve(policy("chat", 1, limit("main", 100, MONTH)));
    List<Answer> answers = askTogether("alice", true);

    assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(100);
    assertThat(answers).filteredOn(answer -> answer.status() == 429).hasSize(200);
    assertThat(echo.calls()).isEqualTo(100);
    assertThat(redis.send("KEYS", "sluice:chat:main:*").lines()).hasSize(1);
  }

  @Test
  void eachOfHundredsIsChargedOnceAndGetsItsOwnAnswer() throws IOException {
    serve(policy("chat", 1, limit("main", 1_000, MONTH)));
    List<Answer> slow = askTogether("alice", true);
    List<Answer> fast = askTogether("alice", false);

    List<Long> left = new ArrayList<>();
    for (List<Answer> answers : List.of(slow, fast)) {
      for (int i = 0; i < REQUESTS; i++) {
        Answer answer = answers.get(i);
        assertThat(answer.body()).contains("|/chat|n=" + i + "|alice|Metered|" + i + "|");
        left.add(Long.valueOf(answer.field("X-RateLimit-Remaining")));
      }
    }
    assertThat(slow).allMatch(answer -> answer.body().startsWith("ASYNC|"));
    assertThat(left)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.range(1_000 - 2 * REQUESTS, 1_000).boxed().toList());
    assertThat(echo.calls()).isEqualTo(2 * REQUESTS);
  }

  private void serve(Policy policy) {
    RedisBucketStore store =
        new RedisBucketStore(
            link,
            "sluice:",
            new StoreSettings(1_000, 1_000),
            PATIENCE,
            new RedisClock(
                link,
                () -> TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()),
                System::nanoTime),
            System::nanoTime);
    Filter counting =
        (request, response, chain) -> {
          chain.doFilter(request, response);
          if (request.isAsyncStarted()) {
            waiting.incrementAndGet();
          }
        };
    tomcat
        .filter(counting, USUAL)
        .filter(limiting(store, policy), USUAL)
        .servlet("/*", true, echo)
        .start();
  }

  /** Sends all before any is read; with Redis hung until every one of them waits for it. */
  private List<Answer> askTogether(String user, boolean hung) throws IOException {
    List<RawHttp> asked = new ArrayList<>();
    try {
      if (hung) {
        redis.pause();
      }
      for (int i = 0; i < REQUESTS; i++) {
        asked.add(
            new RawHttp(tomcat.port(), "GET /chat?n=" + i, "X-User-Id: " + user, "X-Number: " + i));
      }
      if (hung) {
        Eventually.becomes(
            () -> REQUESTS + " requests wait for Redis, not " + waiting,
            () -> waiting.get() >= REQUESTS);
      }
      redis.resume();
      List<Answer> answers = new ArrayList<>();
      for (RawHttp http : asked) {
        answers.add(http.answer());
      }
      return answers;
    } finally {
      redis.resume();
      for (RawHttp http : asked) {
        http.close();
      }
    }
  }

  private static RedisSettings settings(int port) {
    return RedisSettings.at(LocalRedis.HOST, port).with(PATIENCE);
  }
}
