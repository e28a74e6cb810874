package io.sluice.filter;

import static io.sluice.filter.Filters.USUAL;
import static io.sluice.filter.Filters.limiting;
import static io.sluice.filter.Lines.SECOND;
import static io.sluice.filter.Lines.bandwidth;
import static io.sluice.filter.Lines.limit;
import static io.sluice.filter.Lines.policy;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.filter.RawHttp.Answer;
import io.sluice.policy.Bandwidth.Mode;
import io.sluice.policy.Policy;
import io.sluice.store.MemoryBucketStore;
import io.sluice.store.StoreSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The promise of Retry-After, kept by the whole filter in a container, on a clock of the test's.
 */
@Timeout(120)
class RetryAfterTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final int MOST_TO_REFUSAL = 100;

  private final AtomicLong now = new AtomicLong(1_790_000_000L * SECOND + 123_456_789);
  private final TomcatServer tomcat = new TomcatServer();

  @AfterEach
  void stop() throws Exception {
    tomcat.close();
  }

  static List<Policy> policies() {
    return List.of(
        policy("greedy", 1, limit("main", 20, MINUTE)),
        policy("uneven", 1, limit("main", 7, MINUTE)),
        policy("fast", 1, limit("main", 30, Duration.ofSeconds(1))),
        policy("slow", 1, limit("main", 2, Duration.ofDays(30))),
        policy("costly", 5, limit("main", 20, MINUTE)),
        policy("burst", 1, limit("main", bandwidth(12, 5, MINUTE, Mode.GREEDY), 429)),
        policy(
            "interval",
            1,
            limit("main", bandwidth(5, 5, Duration.ofMinutes(15), Mode.INTERVAL), 429)),
        policy("drops", 3, limit("main", bandwidth(9, 2, MINUTE, Mode.INTERVAL), 429)),
        policy(
            "several",
            1,
            limit("second", 3, Duration.ofSeconds(1)),
            limit("minute", bandwidth(20, 20, MINUTE, Mode.INTERVAL), 429),
            limit("hour", 50, Duration.ofHours(1))),
        policy(
            "capacity",
            1,
            limit("user", 10, MINUTE),
            limit("all", bandwidth(8, 8, Duration.ofSeconds(7), Mode.GREEDY), 503)));
  }

  /** From ten different fractions of a second, for Retry-After counts whole ones. */
  @ParameterizedTest
  @MethodSource("policies")
  void aClientThatWaitsRetryAfterGetsInAndOneThatComesASecondEarlierDoesNot(Policy policy)
      throws IOException {
    MemoryBucketStore store = new MemoryBucketStore(new StoreSettings(1_000, 1), now::get);
    tomcat.filter(limiting(store, policy), USUAL).servlet("/*", true, new EchoServlet()).start();
    Random random = new Random(20);
    for (int round = 0; round < 10; round++) {
      now.addAndGet(random.nextLong(3 * SECOND));
      Answer refused = askUntilRefused();
      long seconds = Long.parseLong(refused.field("Retry-After"));
      assertThat(seconds).isPositive().isGreaterThanOrEqualTo(longestWait(refused));

      now.addAndGet((seconds - 1) * SECOND);
      assertThat(ask().status()).as("early, round %d: %s", round, refused).isNotEqualTo(200);
      now.addAndGet(SECOND);
      assertThat(ask().status()).as("in time, round %d: %s", round, refused).isEqualTo(200);
    }
  }

  private Answer askUntilRefused() throws IOException {
    for (int i = 0; i < MOST_TO_REFUSAL; i++) {
      Answer answer = ask();
      if (answer.status() != 200) {
        return answer;
      }
    }
    throw new AssertionError("nothing was refused");
  }

  private Answer ask() throws IOException {
    return RawHttp.ask(tomcat.port(), "GET /", "X-User-Id: alice");
  }

  /** Returns the largest t of those limits that have nothing left. */
  private static long longestWait(Answer refused) {
    return refused.all("RateLimit").stream()
        .flatMap(line -> Stream.of(line.split(", ", -1)))
        .filter(item -> item.contains(";r=0;"))
        .mapToLong(item -> Long.parseLong(item.substring(item.indexOf(";t=") + 3)))
        .max()
        .orElse(1);
  }
}
