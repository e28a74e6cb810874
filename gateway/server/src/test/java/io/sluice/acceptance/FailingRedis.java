package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FaultRelay;
import io.sluice.fixtures.LocalRedis;
import io.sluice.store.StoreStatus.Mode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A gateway, as a client sees it, on a Redis that fails: with a policy for each way of going on.
 * Every request is looked at: that it does not fail and how long it waits.
 */
final class FailingRedis implements AutoCloseable {

  /** Four times the default, for a machine that is busy with other tests. */
  static final Duration DEADLINE = Duration.ofMillis(100);

  /** Longest that any request may wait. Dials that go nowhere take longer. */
  private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(1_000);

  /** Longest that a quarter of them may wait while Redis is known to be away: no deadline. */
  private static final long USUAL_WAIT = TimeUnit.MILLISECONDS.toNanos(50);

  /** Two seconds on a machine that is not starved, as the soak measures. */
  private static final Duration OVER_WITHIN = Duration.ofSeconds(5);

  private static final int WARM_UP = 20;
  private static final Pattern LEFT = Pattern.compile("r=(\\d+)");

  final LogBook log = new LogBook();
  final LocalRedis redis;
  final FaultRelay relay;
  final House house;
  private @Nullable Gateway gateway;

  FailingRedis(Path folder) throws IOException {
    this(folder, LocalRedis.start());
  }

  FailingRedis(Path folder, LocalRedis redis) throws IOException {
    this.redis = redis;
    this.relay = FaultRelay.before(redis.port());
    this.house = new House(folder);
    for (String way : List.of("local", "allow", "deny")) {
      house.policy(
          way,
          "match = \"/api/users/%1$s\"\nlimits = [ { key = user, rate = 1000000/3000day } ]\non-outage = %1$s"
              .formatted(way));
    }
  }

  /** Starts the gateway, before a Redis that works or not. */
  FailingRedis gateway(String... lines) throws IOException {
    List<String> all = new ArrayList<>(List.of(lines));
    all.add(
        "redis { host = 127.0.0.1, port = %d, timeout = %dms }"
            .formatted(relay.port(), DEADLINE.toMillis()));
    Gateway fresh = house.gateway(all.toArray(String[]::new));
    for (int i = 0; i < WARM_UP; i++) {
      house.get(fresh, "/api/users/1"); // The first ones load classes, which is not Redis' fault.
    }
    gateway = fresh;
    return this;
  }

  /** Starts the gateway and waits until Redis decides. */
  FailingRedis gatewayOnRedis() throws IOException {
    gateway();
    untilRedisDecides();
    log.clear();
    return this;
  }

  Gateway started() {
    Gateway started = gateway;
    if (started == null) {
      throw new IllegalStateException("no gateway yet");
    }
    return started;
  }

  boolean redisDecides() {
    return started().engine().storeStatus().mode() == Mode.REDIS;
  }

  /** Sends a request covered by the policy of that way, for a caller of that name. */
  HttpResponse<String> send(String way, String user) {
    long start = System.nanoTime();
    HttpResponse<String> answer =
        house.get(started(), "/api/users/" + way, "X-User-Id", user, "Accept", "*/*");
    assertThat(System.nanoTime() - start).as("wait").isLessThan(LONGEST_WAIT);
    return answer;
  }

  /** Sends a request that must be let through, counted, and returns the tokens left. */
  long left(String user) {
    HttpResponse<String> answer = send("local", user);
    assertThat(answer.statusCode()).isEqualTo(200);
    Matcher left = LEFT.matcher(answer.headers().firstValue("RateLimit").orElse(""));
    assertThat(left.find()).as("RateLimit").isTrue();
    return Long.parseLong(left.group(1));
  }

  /** Goes on sending until the gateway decides alone; no request fails or waits for long. */
  FailingRedis untilAlone() {
    Eventually.becomes(
        "the gateway decides alone",
        () -> {
          left("alice");
          return !redisDecides();
        });
    return this;
  }

  /**
   * Shows what each way of going on gives while Redis is away, for so long: {@code local} counts,
   * {@code allow} lets through without fields, {@code deny} answers 503; and none waits.
   */
  FailingRedis assertAlone(Duration during) {
    long end = System.nanoTime() + during.toNanos();
    List<Long> waits = new ArrayList<>();
    do {
      long start = System.nanoTime();
      left("alice");
      HttpResponse<String> allowed = send("allow", "alice");
      HttpResponse<String> denied = send("deny", "alice");
      waits.add((System.nanoTime() - start) / 3);
      assertThat(allowed.statusCode()).isEqualTo(200);
      assertThat(allowed.headers().firstValue("RateLimit")).isEmpty();
      assertThat(denied.statusCode()).isEqualTo(503);
      assertThat(denied.headers().firstValue("Retry-After")).isPresent();
      assertThat(denied.body()).contains("temporary-reduced-capacity").contains("\"deny\"");
      assertThat(redisDecides()).as("Redis decides").isFalse();
    } while (System.nanoTime() < end || waits.size() < 20);
    waits.sort(null);
    assertThat(waits.get(waits.size() / 4)).as("usual wait").isLessThan(USUAL_WAIT);
    assertThat(house.admin(started(), "GET", "/health/ready").statusCode()).isEqualTo(200);
    return this;
  }

  /** Ends the fault and goes on sending: Redis decides in time, and again for all ways. */
  void assertOverAfter(Runnable end) {
    end.run();
    Eventually.becomes(
        OVER_WITHIN,
        "Redis decides again",
        () -> {
          left("alice");
          return redisDecides();
        });
    assertRedisDecides();
  }

  /** Redis decides and counts what each way takes. */
  void assertRedisDecides() {
    untilRedisDecides();
    long before = started().engine().storeStatus().localDecisions();
    for (String way : List.of("local", "allow", "deny")) {
      HttpResponse<String> answer = send(way, "bob");
      assertThat(answer.statusCode()).as(way).isEqualTo(200);
      assertThat(answer.headers().firstValue("RateLimit")).as(way).isPresent();
    }
    assertThat(started().engine().storeStatus().localDecisions())
        .as("decided without Redis")
        .isEqualTo(before);
  }

  private void untilRedisDecides() {
    Eventually.becomes("Redis decides", this::redisDecides);
  }

  /** Waits until an outage was noticed, which may be over by then. */
  void untilLogged() {
    Eventually.becomes("an outage is logged", () -> !log.ofStore().isEmpty());
  }

  /** The log says that the outage began, why, and that it ended: once each and nothing else. */
  void assertLoggedOnce(String cause) {
    assertThat(log.ofStore())
        .satisfiesExactly(
            away ->
                assertThat(away)
                    .startsWith("ERROR Redis is away: ")
                    .contains(cause)
                    .contains("counts all of each limit by itself"),
            back -> assertThat(back).startsWith("INFO Redis is back after "));
  }

  @Override
  public void close() {
    house.close();
    relay.close();
    redis.close();
    log.close();
  }
}
