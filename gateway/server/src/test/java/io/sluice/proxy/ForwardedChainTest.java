package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.request.IpAddress;
import java.util.Objects;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForwardedChainTest {

  @ParameterizedTest
  @CsvSource({
    "203.0.113.7, 203.0.113.7",
    "::1, ::1",
    "::, ::",
    "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "fe80:0:0:0:0:0:0:0, fe80::",
    "1:0:0:2:0:0:0:3, 1:0:0:2::3"
  })
  void writesAddressesInTheirShortestForm(String address, String text) {
    assertThat(ForwardedChain.text(Objects.requireNonNull(IpAddress.parse(address))))
        .isEqualTo(text);
  }

  @Test
  void putsVersionSixInBracketsAndQuotesWhereTheGrammarWantsThem() {
    HttpFields.Mutable out = HttpFields.build();
    new ForwardedChain(IpAddress.parse("2001:db8::7"), "http", 8080, "[2001:db8::1]:8080")
        .write(HttpFields.EMPTY, out, null);
    assertThat(out.get("X-Forwarded-For")).isEqualTo("2001:db8::7");
    assertThat(out.get("X-Forwarded-Port")).isEqualTo("8080");
    assertThat(out.get("Forwarded"))
        .isEqualTo("for=\"[2001:db8::7]\";host=\"[2001:db8::1]:8080\";proto=http");
  }

  @Test
  void escapesWhatAHostMayHideInQuotes() {
    HttpFields.Mutable out = HttpFields.build();
    new ForwardedChain(null, "http", 80, "a\";for=\"6.6.6.6\\").write(HttpFields.EMPTY, out, null);
    assertThat(out.get("Forwarded"))
        .isEqualTo("for=unknown;host=\"a\\\";for=\\\"6.6.6.6\\\\\";proto=http");
    assertThat(out.contains("X-Forwarded-For")).isFalse();
  }
}
