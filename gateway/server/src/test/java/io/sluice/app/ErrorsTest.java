package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.request.Exchange;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ErrorsTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GARBAGE\r\n\r\n",
        "GET /secret-path\r\n\r\n",
        "GET /secret-path HTTP/1.1\r\n\r\n",
        "GET /secret-path HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /secret-path HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n",
        "GET /secret-path HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET /secret-path HTTP/9.9\r\nHost: a\r\n\r\n",
        "POST /secret HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: x\r\n\r\n",
        "POST /secret-path HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "POST /secret-path HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "GET http://other/secret-path HTTP/1.1\r\nHost: a\r\n\r\n"
      })
  void unreadableRequestsAreAnsweredAsProblemsThatRepeatNothing(String request) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer = gateway.ask(request);
      assertThat(answer.status()).isBetween(400, 505);
      assertProblem(answer);
      assertThat(answer.text()).doesNotContain("secret").doesNotContainIgnoringCase("jetty");
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void aTooLargeHeaderSectionIsAnswered431() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      String large = "X-Large: " + "x".repeat(100_000) + "\r\n";
      RawClient.Answer answer = gateway.ask("GET / HTTP/1.1\r\nHost: a\r\n" + large + "\r\n");
      assertThat(answer.status()).isEqualTo(431);
      assertProblem(answer);
    }
  }

  @Test
  void aHeaderSectionJustBelowTheLimitIsForwarded() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      String large = "X-Large: " + "x".repeat(8000) + "\r\n";
      assertThat(gateway.ask("GET / HTTP/1.1\r\nHost: a\r\n" + large + "\r\n").status())
          .isEqualTo(200);
      assertThat(upstream.head()).contains("x".repeat(8000));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"
      })
  void whatCannotBeForwardedIsNotImplemented(String request) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer = gateway.ask(request);
      assertThat(answer.status()).isEqualTo(501);
      assertProblem(answer);
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void otherUpgradesAreIgnored() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer =
          gateway.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(upstream.head()).doesNotContain("foo");
    }
  }

  @Test
  void aFilterThatFailsIsAProblem() throws Exception {
    Filter failing =
        (request, response, chain) -> {
          throw new IOException("secret detail");
        };
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream, failing)) {
      RawClient.Answer answer = gateway.get("/");
      assertThat(answer.status()).isEqualTo(500);
      assertProblem(answer);
      assertThat(answer.text()).doesNotContain("secret");
    }
  }

  @Test
  void theRequestLogLearnsOfUnreadableRequestsWithTheirDecisionId() throws Exception {
    BlockingQueue<String> logged = new LinkedBlockingQueue<>();
    try (GatewayServer server = new GatewayServer(TestGateway.server(Duration.ofSeconds(5)))) {
      server.requestLog((request, response) -> {
        Exchange exchange = (Exchange) request.getAttribute(Exchange.ATTRIBUTE);
        logged.add(response.getStatus() + " " + exchange.decisionId());
      });
      server.serve(List.of(), new jakarta.servlet.http.HttpServlet() {});
      server.start();
      RawClient.Answer answer = RawClient.ask(server.port(), "GARBAGE\r\n\r\n");
      String line = logged.poll(10, TimeUnit.SECONDS);
      assertThat(line).startsWith(answer.status() + " ");
      assertThat(answer.text()).contains("\"decision\":\"" + line.substring(4) + "\"");
    }
  }

  @Test
  void aPortInUseIsSaidPlainly() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        GatewayServer server =
            new GatewayServer(
                new ServerSettings(
                    "127.0.0.1",
                    taken.getLocalPort(),
                    Duration.ofSeconds(5),
                    8192,
                    10,
                    Duration.ZERO,
                    Shortcuts.ALL))) {
      server.serve(List.of(), new jakarta.servlet.http.HttpServlet() {});
      assertThatThrownBy(server::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot listen on 127.0.0.1:" + taken.getLocalPort())
          .hasMessageContaining("server.port");
    }
  }

  @Test
  void httpOneZeroIsServed() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.answering(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer = gateway.ask("GET /x HTTP/1.0\r\n\r\n");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("ok");
      assertThat(answer.values("Transfer-Encoding")).isEmpty();
      assertThat(upstream.head()).startsWith("GET /x HTTP/1.1\r\n");
    }
  }

  static void assertProblem(RawClient.Answer answer) {
    assertThat(answer.values("Content-Type")).containsExactly("application/problem+json");
    assertThat(answer.values("Server")).isEmpty();
    assertThat(answer.text())
        .startsWith("{\"")
        .contains("\"title\":\"", "\"detail\":\"", "\"status\":" + answer.status())
        .containsPattern("\"decision\":\"[0-9A-Z]{26}\"");
  }
}
