package io.sluice.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.request.Cidr;
import io.sluice.request.FakeRequest;
import io.sluice.request.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {

  private static final String PROXY = "10.0.0.1";

  private final ClientAddress addresses =
      new ClientAddress(List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("fd00::/8")));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "203.0.113.9                        | 203.0.113.9",
        "6.6.6.6, 203.0.113.9               | 203.0.113.9",
        "6.6.6.6, 203.0.113.9, 10.0.0.2     | 203.0.113.9",
        "6.6.6.6, 10.0.0.9, 203.0.113.9     | 203.0.113.9",
        "203.0.113.9:4711                   | 203.0.113.9",
        "2001:db8::7                        | 2001:db8::7",
        "[2001:db8::7]                      | 2001:db8::7",
        "[2001:db8::7]:443                  | 2001:db8::7",
        "2001:db8::7%eth0                   | 2001:db8::7",
        "::ffff:203.0.113.9                 | 203.0.113.9",
        "203.0.113.9, ::ffff:10.0.0.2       | 203.0.113.9",
        "203.0.113.9, fd00::2               | 203.0.113.9",
        "203.0.113.9, ,                     | 203.0.113.9",
        "6.6.6.6, unknown                   | 10.0.0.1",
        "6.6.6.6, unknown, 10.0.0.2         | 10.0.0.2",
        "6.6.6.6, example.com               | 10.0.0.1",
        "6.6.6.6, 203.0.113.9:port          | 10.0.0.1",
        "6.6.6.6, 203.0.113.9:               | 10.0.0.1",
        "6.6.6.6, [2001:db8::7              | 10.0.0.1",
        "10.0.0.3, 10.0.0.2                 | 10.0.0.3",
        "''                                 | 10.0.0.1",
      })
  void forwardedForIsWalkedFromTheRight(String field, String client) {
    assertThat(found(FakeRequest.of("GET /").header("X-Forwarded-For", field))).isEqualTo(client);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "for=203.0.113.9                              | 203.0.113.9",
        "for=6.6.6.6, For=203.0.113.9;proto=https     | 203.0.113.9",
        "proto=https; FOR=203.0.113.9 ;by=10.0.0.1    | 203.0.113.9",
        "for=\"[2001:db8::7]:4711\"                   | 2001:db8::7",
        "for=\"203.0.113.9:80\", for=10.0.0.2         | 203.0.113.9",
        "for=6.6.6.6, for=_hidden                     | 10.0.0.1",
        "for=6.6.6.6, proto=https                     | 10.0.0.1",
        "for=6.6.6.6, for=\"x, for=203.0.113.9        | 10.0.0.1",
        "for=\"6.6.6.6\\\", for=203.0.113.9           | 10.0.0.1",
        "for=6.6.6.6;host=\"a,b;c\", for=203.0.113.9  | 203.0.113.9",
      })
  void forwardedIsWalkedFromTheRight(String field, String client) {
    assertThat(found(FakeRequest.of("GET /").header("Forwarded", field))).isEqualTo(client);
  }

  @Test
  void severalLinesAreOneListInTheOrderReceived() {
    FakeRequest request =
        FakeRequest.of("GET /")
            .header("X-Forwarded-For", "6.6.6.6")
            .header("X-Forwarded-For", "203.0.113.9")
            .header("X-Forwarded-For", "10.0.0.2");
    assertThat(found(request)).isEqualTo("203.0.113.9");
  }

  @Test
  void forwardedForCountsWhereBothArePresent() {
    FakeRequest request =
        FakeRequest.of("GET /")
            .header("Forwarded", "for=6.6.6.6")
            .header("X-Forwarded-For", "203.0.113.9");
    assertThat(found(request)).isEqualTo("203.0.113.9");
  }

  @Test
  void walkEndsAfterTwentyHops() {
    String field = "203.0.113.9" + ", 10.0.0.2".repeat(19);
    assertThat(found(FakeRequest.of("GET /").header("X-Forwarded-For", field)))
        .isEqualTo("203.0.113.9");
    assertThat(found(FakeRequest.of("GET /").header("X-Forwarded-For", field + ", 10.0.0.3")))
        .isEqualTo("10.0.0.2");
  }

  @Test
  void nobodyElseIsBelieved() {
    FakeRequest request = FakeRequest.of("GET /").header("X-Forwarded-For", "203.0.113.9");
    assertThat(found(request, "198.51.100.1")).isEqualTo("198.51.100.1");
    assertThat(found(request, "fd00::1")).isEqualTo("203.0.113.9");
  }

  @Test
  void peerWithoutAddressIsTheUnspecifiedOne() {
    assertThat(found(FakeRequest.of("GET /"), "")).isEqualTo("0.0.0.0");
  }

  private String found(FakeRequest request) {
    return found(request, PROXY);
  }

  private String found(FakeRequest request, String peer) {
    FakeRequest whole = request.peer(peer);
    return IpAddress.text(addresses.of(whole, addresses.peer(whole)));
  }
}
