package io.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamSettingsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @ParameterizedTest
  @CsvSource({
    "localhost:3000, must begin with http://",
    "ftp://localhost, must begin with http:// or https://",
    "http:///x, must name a host",
    "http://localhost/api, 'scheme, host and port only'",
    "http://localhost?x, 'scheme, host and port only'",
    "http://u@localhost, 'scheme, host and port only'"
  })
  void refusesAddressesItCannotReachAsWritten(String upstream, String because) {
    assertThatThrownBy(
            () -> new UpstreamSettings(URI.create(upstream), SECOND, SECOND, SECOND, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(because)
        .hasMessageContaining(upstream);
  }

  @Test
  void refusesTimesAndNumbersThatMakeNoSense() {
    URI upstream = URI.create("http://localhost:3000/");
    assertThatThrownBy(() -> new UpstreamSettings(upstream, Duration.ZERO, SECOND, SECOND, 1, 0))
        .hasMessageContaining("connect time-out");
    assertThatThrownBy(() -> new UpstreamSettings(upstream, SECOND, SECOND, SECOND, 0, 0))
        .hasMessageContaining("max connections");
    assertThatThrownBy(() -> new UpstreamSettings(upstream, SECOND, SECOND, SECOND, 1, -1))
        .hasMessageContaining("max queued");
  }

  @Test
  void thePortOfHttpIsEighty() {
    URI upstream = URI.create("http://localhost");
    assertThat(new UpstreamSettings(upstream, SECOND, SECOND, SECOND, 1, 0).port()).isEqualTo(80);
  }
}
