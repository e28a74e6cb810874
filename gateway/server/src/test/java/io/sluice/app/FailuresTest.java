package io.sluice.app;

import static io.sluice.app.ErrorsTest.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.fixtures.Eventually;
import io.sluice.upstream.UpstreamSettings;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FailuresTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  private static final Duration SHORT = Duration.ofMillis(300);

  @Test
  void aRefusedConnectionIsABadGateway() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    try (TestGateway gateway =
            gateway(TestGateway.upstream(free, TestGateway.LONG, TestGateway.LONG));
        RawClient client = gateway.connect()) {
      for (int i = 0; i < 2; i++) {
        RawClient.Answer answer = client.send(POST).answer();
        assertThat(answer.status()).isEqualTo(502);
        assertProblem(answer);
        assertThat(answer.text()).doesNotContain("127.0.0.1", Integer.toString(free), "onnect");
      }
      assertThat(gateway.upstreamEvents).containsExactly("UNREACHABLE", "UNREACHABLE");
    }
  }

  @Test
  void anUnknownHostIsABadGateway() throws Exception {
    UpstreamSettings nowhere =
        new UpstreamSettings(
            URI.create("http://no-such-host.invalid"),
            TestGateway.LONG,
            TestGateway.LONG,
            TestGateway.LONG,
            10,
            10);
    try (TestGateway gateway = gateway(nowhere)) {
      RawClient.Answer answer = gateway.get("/");
      assertThat(answer.status()).isEqualTo(502);
      assertProblem(answer);
      assertThat(gateway.upstreamEvents).containsExactly("UNREACHABLE");
    }
  }

  @Test
  void anUpstreamThatDoesNotAnswerIsAGatewayTimeout() throws Exception {
    try (RawUpstream upstream = silent();
        TestGateway gateway =
            gateway(TestGateway.upstream(upstream.port(), SHORT, TestGateway.LONG))) {
      for (String request : List.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n", POST)) {
        RawClient.Answer answer = gateway.ask(request);
        assertThat(answer.status()).isEqualTo(504);
        assertProblem(answer);
      }
      assertThat(gateway.upstreamEvents).containsExactly("RESPONSE_TIMEOUT", "RESPONSE_TIMEOUT");
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
    }
  }

  @Test
  void anUpstreamThatFallsSilentWithinItsAnswerBreaksTheClientsAnswer() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
              call.in().read();
            });
        TestGateway gateway =
            gateway(TestGateway.upstream(upstream.port(), TestGateway.LONG, SHORT))) {
      assertThatThrownBy(() -> gateway.get("/")).isInstanceOf(EOFException.class);
      assertThat(gateway.upstreamEvents).containsExactly("200", "RESPONSE_TIMEOUT");
    }
  }

  @Test
  void aFullPoolAndQueueAreUnavailableAndASecondLaterAgain() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                go.await();
                call.write(OK);
              }
            });
        TestGateway gateway =
            gateway(
                new UpstreamSettings(
                    URI.create("http://127.0.0.1:" + upstream.port()),
                    TestGateway.LONG,
                    TestGateway.LONG,
                    TestGateway.LONG,
                    1,
                    1));
        RawClient first = gateway.connect();
        RawClient second = gateway.connect()) {
      first.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
      upstream.head();
      second.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
      // The second may still be on its way into the queue, and then it is refused instead.
      RawClient.Answer answer = refusedOrNull(gateway);
      for (int i = 0; i < 100 && answer == null; i++) {
        answer = refusedOrNull(gateway);
      }
      Objects.requireNonNull(answer, "nothing was refused");
      assertThat(answer.status()).isEqualTo(503);
      assertProblem(answer);
      assertThat(answer.text()).contains("#temporary-reduced-capacity");
      assertThat(answer.values("Retry-After")).containsExactly("1");
      go.countDown();
      assertThat(first.answer().status()).isEqualTo(200);
    }
  }

  private static RawClient.@Nullable Answer refusedOrNull(TestGateway gateway) throws IOException {
    try (RawClient client = gateway.connect()) {
      client.socket().setSoTimeout(300);
      return client.send("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n").answer();
    } catch (java.net.SocketTimeoutException queued) {
      return null;
    }
  }

  @Test
  void aLongWaitForAConnectionIsUnavailable() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              // Its head has come, so its own answer is not late; the connection stays busy.
              call.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
              call.in().read();
            });
        TestGateway gateway =
            gateway(
                new UpstreamSettings(
                    URI.create("http://127.0.0.1:" + upstream.port()),
                    Duration.ofSeconds(1),
                    TestGateway.LONG,
                    TestGateway.LONG,
                    1,
                    10));
        RawClient first = gateway.connect()) {
      first.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
      upstream.head();
      RawClient.Answer answer = gateway.get("/2");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.values("Retry-After")).containsExactly("1");
      assertThat(gateway.upstreamEvents).contains("OVERLOADED");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.0\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        "LARGE"
      })
  void anAnswerThatCannotBeReadIsABadGateway(String text) throws Exception {
    String answer =
        text.equals("LARGE") ? "HTTP/1.1 200 OK\r\nX: " + "x".repeat(100_000) + "\r\n\r\n" : text;
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(answer);
              call.in().read();
            });
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer got = gateway.get("/");
      assertThat(got.status()).isEqualTo(502);
      assertProblem(got);
      assertThat(gateway.upstreamEvents).containsExactly("MALFORMED");
    }
  }

  @Test
  void aConnectionThatBreaksBeforeTheAnswerIsABadGateway() throws Exception {
    try (RawUpstream upstream = RawUpstream.playing(RawUpstream.Call::readHead);
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer = gateway.ask(POST);
      assertThat(answer.status()).isEqualTo(502);
      assertProblem(answer);
      assertThat(gateway.upstreamEvents).containsExactly("BROKEN");
    }
  }

  @Test
  void ourFieldsStayOnAnErrorAndTheUpstreamsDoNot() throws Exception {
    jakarta.servlet.Filter ours =
        (request, response, chain) -> {
          ((jakarta.servlet.http.HttpServletResponse) response).setHeader("RateLimit", "\"a\"");
          chain.doFilter(request, response);
        };
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write("HTTP/1.1 200 OK\r\nX-Up: 1\r\nBroken Field\r\n\r\n");
            });
        TestGateway gateway = TestGateway.before(upstream, ours)) {
      RawClient.Answer answer = gateway.get("/");
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.values("RateLimit")).containsExactly("\"a\"");
      assertThat(answer.values("X-Up")).isEmpty();
    }
  }

  @Test
  void aPooledConnectionThatDiedUnusedIsReplacedForABodilessIdempotentRequest() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              boolean first = calls.incrementAndGet() == 1;
              call.readHead();
              call.write(OK);
              call.readHead();
              if (!first) {
                call.write(OK);
              }
              // The first connection dies with its second request unanswered.
            });
        TestGateway gateway = TestGateway.before(upstream)) {
      assertThat(gateway.get("/1").status()).isEqualTo(200);
      assertThat(gateway.get("/2").status()).isEqualTo(200);
      assertThat(gateway.upstreamEvents).containsExactly("200", "200");
      assertThat(upstream.head()).startsWith("GET /1 ");
      assertThat(upstream.head()).startsWith("GET /2 ");
      assertThat(upstream.head()).startsWith("GET /2 ");
    }
  }

  @Test
  void aRequestThatMustNotBeRepeatedIsNot() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.readBody();
              call.write(OK);
              call.readHead();
            });
        TestGateway gateway = TestGateway.before(upstream)) {
      String post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
      assertThat(gateway.ask(post).status()).isEqualTo(200);
      assertThat(gateway.ask(post).status()).isEqualTo(502);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"
      })
  void anAnswerThatBreaksIsNeverCompleteForTheClient(String half) throws Exception {
    CountDownLatch breakNow = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(half);
              breakNow.await();
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient plain = gateway.connect();
        RawClient closing = gateway.connect();
        RawClient old = gateway.connect();
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").head();
      closing.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").head();
      String oldHead = old.send("GET / HTTP/1.0\r\n\r\n").head();
      Http2Caller.Call call = http2.get("/");
      assertThat(call.head().getStatus()).isEqualTo(200);
      assertThat(call.chunk()).isEqualTo("half");
      breakNow.countDown();
      String framing =
          half.contains("chunked") ? "Transfer-Encoding: chunked" : "Content-Length: 10";
      for (RawClient client : List.of(plain, closing)) {
        assertThatThrownBy(
                () -> Wire.readBody(client.in(), framing, new java.io.ByteArrayOutputStream()))
            .isInstanceOf(IOException.class);
      }
      if (Wire.values(oldHead, "Content-Length").isEmpty()) {
        assertThatThrownBy(() -> old.in().readAllBytes()).isInstanceOf(SocketException.class);
      }
      assertThat(call.end()).startsWith("reset");
    }
  }

  @Test
  void aClientThatGoesAwayFreesTheUpstream() throws Exception {
    try (RawUpstream upstream = endless();
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect();
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").head();
      Http2Caller.Call call = http2.get("/");
      call.chunk();
      assertThat(upstream.connectionsOpen()).isEqualTo(2);
      client.reset();
      call.reset();
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
      assertThat(gateway.upstreamEvents).containsExactly("200", "200");
    }
  }

  @Test
  void anHttp2ClientThatGoesAwayBeforeTheAnswerFreesTheUpstream() throws Exception {
    try (RawUpstream upstream = silent();
        TestGateway gateway = TestGateway.before(upstream);
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      Http2Caller.Call get = http2.get("/");
      Http2Caller.Call post = http2.call("POST", "/", HttpFields.EMPTY, false);
      post.data("abc", false);
      upstream.head();
      upstream.head();
      get.reset();
      post.reset();
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
      assertThat(gateway.upstreamEvents).isEmpty();
    }
  }

  @Test
  void aClientThatStopsSendingIsToldSo() throws Exception {
    try (RawUpstream upstream = silent();
        TestGateway gateway =
            new TestGateway(
                TestGateway.server(SHORT),
                TestGateway.upstream(upstream.port(), TestGateway.LONG, TestGateway.LONG),
                List.of())) {
      RawClient.Answer answer =
          gateway.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
      assertThat(answer.status()).isEqualTo(408);
      assertProblem(answer);
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
      assertThat(gateway.upstreamEvents).isEmpty();
    }
  }

  @Test
  void malformedContentOfTheClientIsItsFault() throws Exception {
    try (RawUpstream upstream = silent();
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer =
          gateway.ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
      assertThat(answer.status()).isEqualTo(400);
      assertProblem(answer);
      assertThat(gateway.upstreamEvents).isEmpty();
    }
  }

  @Test
  void anAnswerThatTakesLongerThanAClientMayBeSilentStillComes() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              // Silent for three and a half time-outs: not in the instant when one is looked at.
              TimeUnit.MILLISECONDS.sleep(1050);
              call.write(OK);
            });
        TestGateway gateway =
            new TestGateway(
                TestGateway.server(SHORT),
                TestGateway.upstream(upstream.port(), TestGateway.LONG, TestGateway.LONG),
                List.of())) {
      assertThat(gateway.get("/").text()).isEqualTo("ok");
    }
  }

  @Test
  void aClientThatTakesNothingOfItsAnswerIsCutOff() throws Exception {
    try (RawUpstream upstream = endless();
        TestGateway gateway =
            new TestGateway(
                TestGateway.server(SHORT),
                TestGateway.upstream(upstream.port(), TestGateway.LONG, TestGateway.LONG),
                List.of());
        RawClient client = gateway.connect()) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").head();
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
    }
  }

  private static TestGateway gateway(UpstreamSettings upstream) throws IOException {
    return new TestGateway(TestGateway.server(TestGateway.LONG), upstream, List.of());
  }

  /** Reads and never answers. */
  private static RawUpstream silent() throws IOException {
    return RawUpstream.playing(call -> {
      call.readHead();
      while (call.in().read() >= 0) {}
    });
  }

  /** Answers without end, as fast as it is taken. */
  private static RawUpstream endless() throws IOException {
    return RawUpstream.playing(call -> {
      call.readHead();
      call.write("HTTP/1.1 200 OK\r\n\r\n");
      while (true) {
        call.write(new byte[10_000]);
      }
    });
  }
}
