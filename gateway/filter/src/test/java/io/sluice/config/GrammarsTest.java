package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.Rates.Rate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GrammarsTest {

  @ParameterizedTest
  @CsvSource({
    "0ms, PT0S",
    "250ms, PT0.25S",
    "1s, PT1S",
    "15min, PT15M",
    "2hour, PT2H",
    "7day, PT168H"
  })
  void aDurationIsANumberAndAUnit(String text, Duration duration) {
    assertThat(Durations.parse(text)).contains(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "5.7s", "-1s", "s", "1 s", "1m", "1h", "1S", "PT5M", "1s1s"})
  void anythingElseIsNoDuration(String text) {
    assertThat(Durations.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "5m, 5min",
    "5 min, 5min",
    "2 weeks, 14day",
    "1fortnight, 14day",
    "3hours, 3hour",
    "9mins, 9min"
  })
  void theNearestDurationIsNamed(String text, String nearest) {
    assertThat(Durations.nearest(text)).contains(nearest);
  }

  @Test
  void durationsAreWrittenInTheirLargestUnit() {
    assertThat(Durations.render(Duration.ofMinutes(90))).isEqualTo("90min");
    assertThat(Durations.render(Duration.ofDays(2))).isEqualTo("2day");
    assertThat(Durations.render(Duration.ZERO)).isEqualTo("0ms");
  }

  @ParameterizedTest
  @CsvSource({"512B, 512", "16KiB, 16384", "10MiB, 10485760", "2GiB, 2147483648"})
  void aSizeIsANumberAndAUnit(String text, long octets) {
    assertThat(Sizes.parse(text)).contains(octets);
    assertThat(Sizes.render(octets)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "5k", "5kB", "5MB", "1.5MiB", "-1B", "5 MiB"})
  void anythingElseIsNoSize(String text) {
    assertThat(Sizes.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"20/min, 20, PT1M", "5/15min, 5, PT15M", "2000/s, 2000, PT1S", "1/7day, 1, PT168H"})
  void aRateIsTokensOverAPeriod(String text, long tokens, Duration period) {
    assertThat(Rates.parse(text)).contains(new Rate(tokens, period));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "20",
        "20/60",
        "0/min",
        "20/0s",
        "-1/min",
        "1.5/s",
        "20/fortnight",
        "20 /min",
        "2000000/ms",
        "9999999999999/day",
        "1/999999999day",
        "/min",
        "20/",
        "20/min/s"
      })
  void anythingElseIsNoRate(String text) {
    assertThat(Rates.parse(text)).isEmpty();
    assertThat(Rates.expected(text)).isNotEmpty();
  }

  @Test
  void theNearestWordForgivesCaseDashesAndOneSlipInThreeLetters() {
    List<String> words = List.of("user", "ip", "api-key", "on-outage", "limits");
    assertThat(Nearest.to("usr", words)).contains("user");
    assertThat(Nearest.to("suer", words)).contains("user");
    assertThat(Nearest.to("apiKey", words)).contains("api-key");
    assertThat(Nearest.to("on_outtage", words)).contains("on-outage");
    assertThat(Nearest.to("limit", words)).contains("limits");
    assertThat(Nearest.to("colour", words)).isEmpty();
    assertThat(Nearest.to("x".repeat(100_000), words)).isEmpty();
  }
}
