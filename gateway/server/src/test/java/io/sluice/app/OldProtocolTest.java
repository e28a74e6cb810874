package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.fixtures.Eventually;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.0 on either side (RFC 9112, sections 2.5, 6.3 and 9.3). */
@Timeout(60)
class OldProtocolTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String CHUNKED =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
  private static final String TO_THE_END = "HTTP/1.0 200 OK\r\nX-A: 1\r\n\r\nok";

  @Test
  void anOldClientThatKeepsItsConnectionMayAskAgain() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      for (int i = 0; i < 3; i++) {
        client.send("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
        RawClient.Answer answer = client.answer();
        assertThat(answer.values("Connection")).containsExactly("keep-alive");
        assertThat(answer.values("Content-Length")).containsExactly("2");
        assertThat(answer.values("Transfer-Encoding")).isEmpty();
        assertThat(answer.text()).isEqualTo("ok");
        assertThat(upstream.head()).startsWith("GET / HTTP/1.1\r\n").doesNotContain("onnection:");
      }
      client.send("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n");
      assertThat(client.answer().values("Connection")).doesNotContain("keep-alive");
      assertThat(client.in().read()).isEqualTo(-1);
    }
  }

  @Test
  void anOldClientThatDoesNotIsLeft() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send("GET / HTTP/1.0\r\n\r\nGET /second HTTP/1.0\r\n\r\n");
      RawClient.Answer answer = client.answer();
      assertThat(answer.text()).isEqualTo("ok");
      assertThat(answer.values("Connection")).doesNotContain("keep-alive");
      assertThat(client.in().read()).isEqualTo(-1);
      upstream.head();
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {CHUNKED, TO_THE_END})
  void anAnswerOfUnknownLengthReachesAnOldClientToTheEndOfItsConnection(String answered)
      throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(answered);
            });
        TestGateway gateway = TestGateway.before(upstream)) {
      for (String keep : List.of("", "Connection: keep-alive\r\n")) {
        try (RawClient client = gateway.connect()) {
          client.send("GET / HTTP/1.0\r\nHost: a\r\n" + keep + "\r\n");
          String all = new String(client.in().readAllBytes(), StandardCharsets.ISO_8859_1);
          assertThat(all).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nok");
          assertThat(all)
              .doesNotContainIgnoringCase("keep-alive")
              .doesNotContainIgnoringCase("transfer-encoding")
              .doesNotContainIgnoringCase("content-length");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n"
      })
  void anAnswerThatBreaksOffIsNoWholeOneForAnOldClient(String half) throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(half);
            });
        TestGateway gateway = TestGateway.before(upstream)) {
      for (String keep : List.of("", "Connection: keep-alive\r\n")) {
        try (RawClient client = gateway.connect()) {
          client.send("GET / HTTP/1.0\r\nHost: a\r\n" + keep + "\r\n");
          assertThat(client.head()).startsWith("HTTP/1.1 200 ");
          assertThatThrownBy(() -> client.in().readAllBytes()).isInstanceOf(SocketException.class);
        }
      }
    }
  }

  @Test
  void anUpstreamThatIsResetWithinAnAnswerToTheEndBreaksIt() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(TO_THE_END);
              Thread.sleep(100);
              call.reset();
            });
        TestGateway gateway = TestGateway.before(upstream)) {
      assertThatThrownBy(() -> gateway.get("/")).isInstanceOf(IOException.class);
      assertThat(gateway.upstreamEvents).containsExactly("200", "BROKEN");
    }
  }

  @Test
  void anAnswerToTheEndOfTheConnectionIsChunkedForANewClient() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(TO_THE_END);
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      for (String connection : List.of("", "Connection: close\r\n")) {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n" + connection + "\r\n");
        RawClient.Answer answer = client.answer();
        assertThat(answer.head()).startsWith("HTTP/1.1 200 ");
        assertThat(answer.values("Transfer-Encoding")).containsExactly("chunked");
        assertThat(answer.text()).isEqualTo("ok");
      }
      assertThat(client.in().read()).isEqualTo(-1);
    }
  }

  @Test
  void anOldUpstreamServesAgainOnlyIfItSaysSo() throws Exception {
    String keeping = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok";
    String silent = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok";
    for (String answer : List.of(keeping, silent)) {
      try (RawUpstream upstream = RawUpstream.answering(answer);
          TestGateway gateway = TestGateway.before(upstream);
          RawClient client = gateway.connect()) {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.answer().text()).isEqualTo("ok");
        int kept = answer.equals(keeping) ? 1 : 0;
        Eventually.becomes(
            "connections to the upstream that are kept: " + kept,
            () -> upstream.connectionsOpen() == kept);
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.answer().text()).isEqualTo("ok");
      }
    }
  }
}
