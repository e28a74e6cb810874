package io.sluice.bench.soak;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrafficTest {

  private static final String REFUSED =
      "http/1.1 429 too many requests\r\nratelimit: \"chat\";r=0;t=3\r\nretry-after: 3\r\n\r\n";
  private static final String AWAY =
      "http/1.1 503 service unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 1\r\n\r\n";
  private static final String AWAY_CONTENT =
      "{\"type\":\"#temporary-reduced-capacity\",\"detail\":\"strict cannot be counted at the moment\"}";

  @Test
  void theUpstreamsAnswerAndAnExplainedRefusalAreAsked() {
    assertThat(named("chat").complaint(200, "http/1.1 200 ok\r\n\r\n", "ok")).isNull();
    assertThat(named("chat").complaint(429, REFUSED, "#quota-exceeded")).isNull();
  }

  @Test
  void aRefusalThatDoesNotSayWhenToComeAgainIsAFailure() {
    String bare = REFUSED.replace("retry-after: 3\r\n", "");

    assertThat(named("chat").complaint(429, bare, "#quota-exceeded"))
        .startsWith("chat answered 429");
    assertThat(named("chat").complaint(429, REFUSED, "")).isNotNull();
  }

  @Test
  void onlyThePolicyThatDeniesMayAnswer503AndSaysWhy() {
    assertThat(named("strict").complaint(503, AWAY, AWAY_CONTENT)).isNull();
    assertThat(named("strict").complaint(503, AWAY, "too many requests are being served"))
        .isNotNull();
    assertThat(named("chat").complaint(503, AWAY, AWAY_CONTENT)).isNotNull();
  }

  @Test
  void anyOtherAnswerIsAFailure() {
    assertThat(named("lenient").complaint(502, "http/1.1 502 bad gateway\r\n\r\n", "")).isNotNull();
    assertThat(named("lenient").complaint(200, "http/1.1 200 ok\r\n\r\n", "other")).isNotNull();
  }

  @Test
  void aPostBringsItsContentAndTheLastRequestOfAConnectionSaysSo() {
    assertThat(new String(named("chat").request(3, 2, true), US_ASCII))
        .startsWith("POST /chat/item HTTP/1.1\r\n")
        .contains(
            "\r\nX-Caller: chat-3\r\n", "\r\nConnection: close\r\n", "\r\nContent-Length: 2\r\n")
        .endsWith("\r\n\r\nxx");
    assertThat(new String(named("feed").request(3, 2, false), US_ASCII))
        .startsWith("GET /feed/item HTTP/1.1\r\n")
        .doesNotContain("Content-Length", "Connection")
        .endsWith("\r\n\r\n");
  }

  @Test
  void thePolicySaysWhatHappensWithoutRedis() {
    assertThat(named("feed").policy())
        .contains("key = header.X-Caller, rate = 50/1s", "key = global, rate = 90/1s")
        .endsWith("on-outage = local\n");
    assertThat(named("strict").policy()).endsWith("on-outage = deny\n");
  }

  private static Traffic named(String name) {
    return Traffic.all().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
