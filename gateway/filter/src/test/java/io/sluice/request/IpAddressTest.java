package io.sluice.request;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255",
    "' 192.0.2.1 ', 192.0.2.1",
    "::, ::",
    "::1, ::1",
    "[::1], ::1",
    "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "1:0:0:2:0:0:0:3, 1:0:0:2::3",
    "2001:db8::, 2001:db8::",
    "fe80::1%eth0, fe80::1",
    "[fe80::1%25eth0], fe80::1",
    "::ffff:192.0.2.1, 192.0.2.1",
    "::ffff:c000:0201, 192.0.2.1",
  })
  void literalIsReadAndWrittenInItsOneForm(String text, String canonical) {
    assertThat(IpAddress.text(parsed(text))).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "localhost",
        "example.com",
        "a:b.example",
        "1.2.3",
        "1.2.3.4.5",
        "256.0.0.1",
        "1.2.3.04",
        "010.0.0.1",
        "1.2.3.-4",
        "1.2.3.4:80",
        "1..2.3",
        "1.2.3.",
        "0x7f.0.0.1",
        "2130706433",
        ".:",
        ".1:",
        "1:2",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "12345::",
        "g::1",
        "[::1",
        "::1]",
        "_hidden",
        "unknown",
        "\uff11.2.3.4",
        "\uff11::1",
        "::ffff:1.2.3.456"
      })
  void whatIsNoLiteralIsNoAddress(String text) {
    assertThat(IpAddress.parse(text)).isNull();
  }

  @Test
  void maskKeepsTheLeadingBits() {
    assertThat(masked("2001:db8:1:2:3:4:5:6", 64)).isEqualTo("2001:db8:1:2::");
    assertThat(masked("2001:db8:1:ffff::1", 52)).isEqualTo("2001:db8:1:f000::");
    assertThat(masked("192.0.2.255", 25)).isEqualTo("192.0.2.128");
    assertThat(masked("192.0.2.255", 0)).isEqualTo("0.0.0.0");
    assertThat(masked("192.0.2.255", 32)).isEqualTo("192.0.2.255");
  }

  private static String masked(String text, int prefix) {
    return IpAddress.text(IpAddress.mask(parsed(text), prefix));
  }

  private static InetAddress parsed(String text) {
    return requireNonNull(IpAddress.parse(text), text);
  }
}
