package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which policies cover requests with unusual methods and targets: none passes uncounted. */
@Timeout(60)
class OtherMethodsTest {

  @TempDir Path folder;

  @Test
  void theServerAsAWholeIsCoveredByWhatCoversEveryPath() throws IOException {
    try (House house = new House(folder)) {
      house.policy("options", "match = \"OPTIONS /**\"\nlimits = [ { key = ip, rate = 2/min } ]");
      Gateway gateway = house.gateway("redis { enabled = false }");
      for (int i = 0; i < 2; i++) {
        assertThat(ask(gateway, "OPTIONS *")).contains("RateLimit-Policy: \"options\";q=2;w=60");
      }
      assertThat(ask(gateway, "OPTIONS *")).startsWith("HTTP/1.1 429 ");
      assertThat(ask(gateway, "OPTIONS *", "Max-Forwards: 0")).startsWith("HTTP/1.1 429 ");
      assertThat(ask(gateway, "OPTIONS /x")).startsWith("HTTP/1.1 429 ");
    }
  }

  @Test
  void aMethodInOtherCaseIsAnotherMethod() throws IOException {
    try (House house = new House(folder)) {
      Gateway gateway = house.gateway("redis { enabled = false }");
      assertThat(ask(gateway, "POST /api/chat/x")).contains("RateLimit-Policy: \"chat\"");
      assertThat(ask(gateway, "post /api/chat/x")).contains("RateLimit-Policy: \"default\"");
      assertThat(ask(gateway, "X-ANY /api/chat/x")).contains("RateLimit-Policy: \"default\"");
    }
  }

  @Test
  void onlyAHeadIsCountedAsAGet() throws IOException {
    try (House house = new House(folder)) {
      house.policy("reads", "match = \"GET /**\"\nlimits = [ { key = ip, rate = 9/min } ]");
      Gateway gateway = house.gateway("redis { enabled = false }");
      assertThat(ask(gateway, "HEAD /x")).contains("RateLimit-Policy: \"reads\"");
      assertThat(ask(gateway, "head /x")).contains("RateLimit-Policy: \"default\"");
      assertThat(ask(gateway, "get /x")).contains("RateLimit-Policy: \"default\"");
    }
  }

  @Test
  void whatIsRefusedIsCountedToo() throws IOException {
    try (House house = new House(folder)) {
      Gateway gateway = house.gateway("redis { enabled = false }");
      assertThat(ask(gateway, "CONNECT api.example.com:80"))
          .startsWith("HTTP/1.1 501 ")
          .contains("RateLimit-Policy: \"default\"");
      assertThat(ask(gateway, "TRACE /"))
          .startsWith("HTTP/1.1 501 ")
          .contains("RateLimit-Policy: \"default\"");
    }
  }

  private static String ask(Gateway gateway, String start, String... fields) throws IOException {
    return Raw.ask(gateway, start, fields).head();
  }
}
