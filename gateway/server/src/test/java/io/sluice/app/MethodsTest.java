package io.sluice.app;

import static io.sluice.app.ErrorsTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** OPTIONS, Max-Forwards, and methods that are refused or unknown (RFC 9110, section 9). */
@Timeout(60)
class MethodsTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @Test
  void optionsOfTheServerAsAWholeIsForwarded() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      RawClient.Answer answer = gateway.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("ok");
      assertThat(upstream.head()).startsWith("OPTIONS * HTTP/1.1\r\nHost: a\r\n");
      Http2Caller.Call call = http2.asterisk();
      assertThat(call.head().getStatus()).isEqualTo(200);
      assertThat(upstream.head()).startsWith("OPTIONS * HTTP/1.1\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET *", "POST *", "options *", "OPTIONS *?x", "OPTIONS */x", "OPTIONS **"})
  void nothingElseNamesTheServerAsAWhole(String start) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer = gateway.ask(start + " HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(answer.status()).isEqualTo(400);
      assertProblem(answer);
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0",
    "10, 9",
    "0010, 9",
    "2147483648, 999999998",
    "99999999999999999999999, 999999998"
  })
  void passesOfAnOptionsRequestAreCounted(String value, String forwarded) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      for (String target : List.of("*", "/x")) {
        gateway.ask(
            "OPTIONS " + target + " HTTP/1.1\r\nHost: a\r\nMax-Forwards: " + value + "\r\n\r\n");
        assertThat(Wire.values(upstream.head(), "Max-Forwards")).containsExactly(forwarded);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "/x", "/x?y"})
  void anOptionsRequestThatMayPassNoFurtherIsAnsweredHere(String target) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      for (String zero : List.of("0", "000")) {
        client.send(
            "OPTIONS " + target + " HTTP/1.1\r\nHost: a\r\nMax-Forwards: " + zero + "\r\n\r\n");
        RawClient.Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.values("Content-Length")).containsExactly("0");
        assertThat(answer.values("Allow"))
            .containsExactly("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
      }
      client.send(
          "OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").answer().text()).isEqualTo("ok");
      assertThat(upstream.head()).startsWith("GET / ");
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "+1", "1.0", "x", "", "1 2", "0x1", "1, 1", "1\r\nMax-Forwards: 2"})
  void aCountThatCannotBeReadIsRefused(String value) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer =
          gateway.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: " + value + "\r\n\r\n");
      assertThat(answer.status()).isEqualTo(400);
      assertProblem(answer);
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void withOtherMethodsTheCountMeansNothing() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      for (String value : List.of("0", "7", "x")) {
        gateway.ask("GET / HTTP/1.1\r\nHost: a\r\nMax-Forwards: " + value + "\r\n\r\n");
        assertThat(Wire.values(upstream.head(), "Max-Forwards")).containsExactly(value);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n",
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nMax-Forwards: 0\r\n",
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nConnection: close\r\n",
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nContent-Length: 0\r\n",
        "connect /x HTTP/1.1\r\nHost: a\r\n",
        "TRACE / HTTP/1.1\r\nHost: a\r\n",
        "TRACE / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n",
        "TRACE / HTTP/1.1\r\nHost: a\r\nMax-Forwards: x\r\n",
        "Trace / HTTP/1.1\r\nHost: a\r\n"
      })
  void tunnelsAndEchoesAreNotThere(String head) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      RawClient.Answer answer = client.send(head + "\r\n").answer();
      assertThat(answer.status()).isEqualTo(501);
      assertProblem(answer);
      // What comes next could be meant for a tunnel.
      assertThat(answer.values("Connection")).containsExactly("close");
      assertThat(client.in().read()).isEqualTo(-1);
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void aTunnelThatCannotBeReadIsRefusedAndTheConnectionEnds() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send("CONNECT a.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(400);
      assertThat(client.in().read()).isEqualTo(-1);
    }
  }

  @Test
  void tunnelsAreNotThereOverHttp2Either() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        Http2Caller client = new Http2Caller(gateway.port())) {
      Http2Caller.Call call = client.connect("a.example:443");
      assertThat(call.head().getStatus()).isEqualTo(501);
      assertThat(client.get("/").head().getStatus()).isEqualTo(200);
      upstream.head();
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "Get", "head", "post", "PROPFIND", "M-SEARCH", "X!#$%&'*+.^_`|~1"})
  void anyOtherMethodPassesInItsOwnCase(String method) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      for (int i = 0; i < 2; i++) {
        client.send(method + " / HTTP/1.1\r\nHost: a\r\n\r\n");
        RawClient.Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("ok");
        String head = upstream.head();
        assertThat(head).startsWith(method + " / HTTP/1.1\r\n");
        assertThat(head).doesNotContainIgnoringCase("content-length");
      }
      assertThat(upstream.connectionsOpen()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH"})
  void methodsThatMeanContentSayThatThereIsNone(String method) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect();
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      for (String length : List.of("", "Content-Length: 0\r\n")) {
        client.send(method + " / HTTP/1.1\r\nHost: a\r\n" + length + "\r\n");
        assertThat(client.answer().text()).isEqualTo("ok");
        String head = upstream.head();
        assertThat(Wire.values(head, "Content-Length")).containsExactly("0");
        assertThat(Wire.values(head, "Transfer-Encoding")).isEmpty();
      }
      assertThat(http2.call(method, "/", HttpFields.EMPTY, true).end()).isEqualTo("end");
      assertThat(Wire.values(upstream.head(), "Content-Length")).containsExactly("0");
    }
  }
}
