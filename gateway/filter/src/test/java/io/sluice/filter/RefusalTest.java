package io.sluice.filter;

import static io.sluice.filter.Lines.CHAT;
import static io.sluice.filter.Lines.SECOND;
import static io.sluice.filter.Lines.bandwidth;
import static io.sluice.filter.Lines.granted;
import static io.sluice.filter.Lines.limit;
import static io.sluice.filter.Lines.line;
import static io.sluice.filter.Lines.policy;
import static io.sluice.filter.Lines.refused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.limit.Decision.Metered;
import io.sluice.limit.LimitVerdict;
import io.sluice.limit.Verdict;
import io.sluice.policy.Bandwidth.Mode;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void quotaOfAUserIsGolden() {
    assertGolden("quota.json", of(refused(CHAT, 0, 0, 2_400_000_000L)));
  }

  @Test
  void oneOfSeveralLimitsIsGolden() {
    Policy upload =
        policy(
            "team/upload",
            1,
            limit("per-user", bandwidth(10, 5, MINUTE, Mode.GREEDY), 429),
            limit("tenant", 500, Duration.ofHours(1), new KeyPart(Kind.PATH, "tenant")));
    assertGolden(
        "several.json",
        of(
            granted(CHAT, 0, 7, SECOND),
            refused(upload, 0, 0, 12 * SECOND),
            refused(upload, 1, 0, 7 * SECOND)));
  }

  @Test
  void intervalIsGolden() {
    Policy auth =
        policy(
            "auth",
            1,
            limit(
                "main",
                bandwidth(5, 5, Duration.ofMinutes(15), Mode.INTERVAL),
                429,
                KeyPart.of(Kind.IP)));
    assertGolden("interval.json", of(refused(auth, 0, 0, 843 * SECOND)));
  }

  @Test
  void costIsGolden() {
    Policy render = policy("render", 5, limit("main", 20, MINUTE));
    assertGolden("cost.json", of(refused(render, 0, 2, 9 * SECOND)));
  }

  @Test
  void capacityOfTheUpstreamIsGolden() {
    Limit capacity =
        limit(
            "main",
            bandwidth(2000, 2000, Duration.ofSeconds(1), Mode.GREEDY),
            503,
            KeyPart.of(Kind.GLOBAL));
    assertGolden("capacity.json", of(refused(policy("capacity", 1, capacity), 0, 0, 500_000)));
  }

  @Test
  void outageIsGolden() {
    assertGolden("outage.json", of(line(CHAT, 0, Verdict.DENIED_UNCOUNTED)));
  }

  @Test
  void overloadIsGolden() {
    assertGolden("overloaded.json", Refusal.OVERLOADED);
  }

  @Test
  void problemWithoutTypeIsGolden() {
    assertThat(new String(ProblemJson.bytes(404, "Not found", "no \"route\"", "01J"), UTF_8))
        .isEqualTo(golden("blank.json"));
  }

  @Test
  void clientThatWaitsSatisfiesEveryLimitThatRefused() {
    Policy day = policy("day", 1, limit("main", 1000, Duration.ofDays(1)));
    Refusal refusal = of(refused(CHAT, 0, 0, SECOND), refused(day, 0, 0, 86 * SECOND + 1));
    assertThat(refusal.retryAfter()).isEqualTo(87);
    assertThat(refusal.detail()).startsWith("day allows");
    assertThat(refusal.violated()).containsExactly("chat", "day");
  }

  @Test
  void retryAfterIsAtLeastASecondAndBounded() {
    assertThat(of(refused(CHAT, 0, 0, 1)).retryAfter()).isEqualTo(1);
    assertThat(of(refused(CHAT, 0, 0, Long.MAX_VALUE)).retryAfter()).isEqualTo(60);
    assertThat(of(refused(CHAT, 0, 0, Long.MAX_VALUE - 1)).retryAfter()).isEqualTo(9_223_372_037L);
    assertThat(Refusal.OVERLOADED.retryAfter()).isEqualTo(1);
  }

  @Test
  void quotaBesideACapacityLimitIsTheClientsOwn() {
    Limit capacity =
        limit("main", bandwidth(9, 9, MINUTE, Mode.GREEDY), 503, KeyPart.of(Kind.GLOBAL));
    Policy shared = policy("capacity", 1, capacity);
    assertThat(of(refused(shared, 0, 0, 1), refused(CHAT, 0, 0, 1)).status()).isEqualTo(429);
    assertThat(of(refused(shared, 0, 0, 1), granted(CHAT, 0, 3, 1)).status()).isEqualTo(503);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1 second",
    "59, 59 seconds",
    "60, 1 minute",
    "61, 1 minute 1 second",
    "3599, 59 minutes 59 seconds",
    "3600, 1 hour",
    "3601, 1 hour 1 minute",
    "86340, 23 hours 59 minutes",
    "86341, 1 day",
    "86400, 1 day",
    "86401, 1 day 1 hour",
    "180000, 2 days 2 hours",
  })
  void waitIsNeverShorterThanItIs(long seconds, String words) {
    assertThat(Wording.duration(seconds)).isEqualTo(words);
  }

  @ParameterizedTest
  @CsvSource({
    "1, PT1S, GREEDY, p allows 1 request in 1 second for each user",
    "2, PT0.25S, GREEDY, p allows 2 requests in 250 milliseconds for each user",
    "2, PT90S, GREEDY, p allows 2 requests in 90 seconds for each user",
    "2, PT90M, GREEDY, p allows 2 requests in 90 minutes for each user",
    "2, PT48H, GREEDY, p allows 2 requests in 2 days for each user",
    "2, PT1M, INTERVAL, p allows 2 requests every minute for each user",
    "2, PT2H, INTERVAL, p allows 2 requests every 2 hours for each user",
  })
  void allowanceNamesRateAndPeriod(long rate, Duration period, Mode mode, String words) {
    Policy policy = policy("p", 1, limit("main", bandwidth(rate, rate, period, mode), 429));
    assertThat(Wording.allowance(policy, policy.limits().get(0))).isEqualTo(words);
  }

  @Test
  void allowanceNamesWhoIsToldApart() {
    assertThat(whom(KeyPart.of(Kind.API_KEY))).isEqualTo("each API key");
    assertThat(whom(new KeyPart(Kind.HEADER, "X-Tenant"))).isEqualTo("each X-Tenant header");
    assertThat(whom(new KeyPart(Kind.COOKIE, "sid"))).isEqualTo("each sid cookie");
    assertThat(whom(new KeyPart(Kind.QUERY, "q"))).isEqualTo("each q parameter");
    assertThat(whom(new KeyPart(Kind.PATH, "tenant"))).isEqualTo("each tenant");
    assertThat(whom(KeyPart.of(Kind.USER), KeyPart.of(Kind.IP))).isEqualTo("each user and address");
    assertThat(whom(KeyPart.of(Kind.USER), KeyPart.of(Kind.METHOD), KeyPart.of(Kind.ROUTE)))
        .isEqualTo("each user, method and route");
    assertThat(whom(KeyPart.of(Kind.GLOBAL), KeyPart.of(Kind.HOST))).isEqualTo("each host");
    assertThat(whom(KeyPart.of(Kind.GLOBAL))).isEqualTo("all callers together");
  }

  private static String whom(KeyPart... key) {
    Policy policy = policy("p", 1, limit("main", 1, MINUTE, key));
    String words = Wording.allowance(policy, policy.limits().get(0));
    return words.substring(words.indexOf(" for ") + 5);
  }

  private static Refusal of(LimitVerdict... lines) {
    return Refusal.of(new Metered(List.of(lines)), new LimitTexts());
  }

  private static void assertGolden(String name, Refusal refusal) {
    assertThat(new String(refusal.json("01JDECISION"), UTF_8)).isEqualTo(golden(name));
  }

  private static String golden(String name) {
    try (InputStream file =
        Objects.requireNonNull(RefusalTest.class.getResourceAsStream(name), name)) {
      return new String(file.readAllBytes(), UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
