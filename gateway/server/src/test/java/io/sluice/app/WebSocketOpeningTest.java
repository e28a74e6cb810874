package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.request.Exchange;
import io.sluice.websocket.WebSocketSettings;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How WebSocket connections are opened, or not (RFC 6455, section 4), on bare sockets. */
@NullMarked
@Timeout(60)
class WebSocketOpeningTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  /** Agrees to each opening with these fields and then waits for the end. */
  private static RawUpstream agreeing(String... fields) throws Exception {
    return RawUpstream.playing(call -> {
      while (call.readHead()) {
        if (call.head().contains("Upgrade: websocket")) {
          call.write(Frames.accepting(fields));
          call.in().transferTo(java.io.OutputStream.nullOutputStream());
        } else {
          call.write(OK);
        }
      }
    });
  }

  @Test
  void theOpeningGoesUpstreamAndItsAnswerComesBack() throws Exception {
    Eavesdropper listener = new Eavesdropper();
    try (RawUpstream upstream =
            agreeing(
                "X-Ours: 1", "Sec-WebSocket-Protocol: b", "Keep-Alive: 5", "Content-Length: 0");
        SocketHouse house =
            new SocketHouse(
                upstream.port(),
                SocketHouse.USUAL,
                (request, response, chain) -> {
                  ((HttpServletResponse) response).setHeader("RateLimit", "\"a\";r=1");
                  chain.doFilter(request, response);
                },
                listener)) {
      try (RawClient client = house.gateway().connect()) {
        client.send(
            Frames.opening(
                "/chat?room=1",
                "Connection: X-Mine",
                "X-Mine: 1",
                "Origin: https://app.example.com",
                "Sec-WebSocket-Protocol: a, b",
                "X-User-Id: forged"));
        String answer = client.head();
        assertThat(answer).startsWith("HTTP/1.1 101 ");
        assertThat(Wire.values(answer, "Connection")).containsExactly("Upgrade");
        assertThat(Wire.values(answer, "Upgrade")).containsExactly("websocket");
        assertThat(Wire.values(answer, "Sec-WebSocket-Accept"))
            .containsExactly(Frames.accept(Frames.KEY));
        assertThat(Wire.values(answer, "Sec-WebSocket-Protocol")).containsExactly("b");
        assertThat(Wire.values(answer, "X-Ours")).containsExactly("1");
        assertThat(Wire.values(answer, "RateLimit")).containsExactly("\"a\";r=1");
        assertThat(Wire.values(answer, "Keep-Alive")).isEmpty();
        assertThat(Wire.values(answer, "Content-Length")).isEmpty();
        assertThat(Wire.values(answer, "Transfer-Encoding")).isEmpty();
        String asked = upstream.head();
        assertThat(asked).startsWith("GET /chat?room=1 HTTP/1.1\r\n");
        assertThat(Wire.values(asked, "Connection")).containsExactly("Upgrade");
        assertThat(Wire.values(asked, "Upgrade")).containsExactly("websocket");
        assertThat(Wire.values(asked, "Sec-WebSocket-Key")).containsExactly(Frames.KEY);
        assertThat(Wire.values(asked, "Sec-WebSocket-Version")).containsExactly("13");
        assertThat(Wire.values(asked, "Origin")).containsExactly("https://app.example.com");
        assertThat(Wire.values(asked, "X-Forwarded-For")).containsExactly("127.0.0.1");
        assertThat(Wire.values(asked, "X-Mine")).isEmpty();
        assertThat(Wire.values(asked, "X-User-Id")).isEmpty();
        assertThat(Wire.values(asked, "Content-Length")).isEmpty();
        client.send(Frames.text("end", true)).send(Frames.close(1000, true));
      }
      Eavesdropper.Heard heard = listener.heard();
      Exchange.Outcome outcome = heard.end();
      assertThat(outcome.status()).isEqualTo(101);
      assertThat(heard.statuses).containsExactly(101);
      house.assertNothingIsLeft();
    }
  }

  @Test
  void anAgreementDoesNotSpeakOfClosingEvenToAClientThatDid() throws Exception {
    try (RawUpstream upstream = agreeing();
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL)) {
      try (RawClient client = house.gateway().connect()) {
        String opening = Frames.opening("/");
        client.send(opening.replace("Connection: Upgrade", "Connection: Upgrade, close"));
        String answer = client.head();
        assertThat(answer).startsWith("HTTP/1.1 101 ");
        assertThat(Wire.values(answer, "Connection")).containsExactly("Upgrade");
        Eventually.becomes("a tunnel was opened", () -> house.tunnels().total() == 1);
        assertThat(house.tunnels().open()).isEqualTo(1);
      }
      house.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | X-Key: 1",
        "400 | Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | Sec-WebSocket-Key: short",
        "400 | Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ== | Sec-WebSocket-Key: ******************************==",
        "400 | Sec-WebSocket-Version: 13                   | Sec-WebSocket-Version: 13~Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "400 | Sec-WebSocket-Version: 13                   | Sec-WebSocket-Version: 13~Content-Length: 2",
        "400 | GET /                                       | POST /",
        "400 | GET /                                       | get /",
        "426 | Sec-WebSocket-Version: 13                   | Sec-WebSocket-Version: 8",
        "426 | Sec-WebSocket-Version: 13                   | Sec-WebSocket-Version: 13~Sec-WebSocket-Version: 8",
        "426 | Sec-WebSocket-Version: 13                   | X-Version: 1",
      })
  void aMalformedOpeningIsRefusedHere(int status, String part, String instead) throws Exception {
    try (RawUpstream upstream = agreeing();
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL)) {
      String opening = Frames.opening("/").replace(part.strip(), instead.replace("~", "\r\n"));
      String content = opening.contains("Content-Length: 2") ? "hi" : "";
      try (RawClient client = house.gateway().connect()) {
        RawClient.Answer answer = client.send(opening + content).answer();
        assertThat(answer.status()).isEqualTo(status);
        ErrorsTest.assertProblem(answer);
        if (status == 426) {
          assertThat(answer.values("Sec-WebSocket-Version")).containsExactly("13");
          assertThat(answer.values("Upgrade")).containsExactly("websocket");
          assertThat(answer.values("Connection")).containsExactly("Upgrade");
        }
        assertThat(client.send(GET).answer().status()).as("the connection goes on").isEqualTo(200);
      }
      assertThat(upstream.head()).startsWith("GET / HTTP/1.1").doesNotContain("websocket");
      house.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo/1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websockets\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      })
  void otherUpgradesAreIgnored(String request) throws Exception {
    try (RawUpstream upstream = agreeing();
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL)) {
      assertThat(house.gateway().ask(request).status()).isEqualTo(200);
      assertThat(upstream.head()).doesNotContainIgnoringCase("upgrade");
      house.assertNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404, 426, 200, 302})
  void anUpstreamThatDoesNotAgreeIsHeard(int status) throws Exception {
    String no =
        "HTTP/1.1 " + status + " No\r\nContent-Length: 2\r\nWWW-Authenticate: Basic\r\n\r\nno";
    try (RawUpstream upstream = RawUpstream.answering(no);
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL);
        RawClient client = house.gateway().connect()) {
      for (int i = 0; i < 2; i++) {
        RawClient.Answer answer = client.send(Frames.opening("/")).answer();
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.content()).isEqualTo("no");
        assertThat(answer.values("WWW-Authenticate")).containsExactly("Basic");
        house.assertNothingIsLeft();
      }
      assertThat(upstream.connectionsOpen()).as("used again").isEqualTo(1);
    }
  }

  static List<String> wrongAgreements() {
    String good = Frames.accepting();
    String accept = "Sec-WebSocket-Accept: " + Frames.accept(Frames.KEY) + "\r\n";
    return List.of(
        good.replace(Frames.accept(Frames.KEY), Frames.accept("AAAAAAAAAAAAAAAAAAAAAA==")),
        good.replace(accept, ""),
        good.replace(accept, accept + accept),
        good.replace("Upgrade: websocket\r\n", "Upgrade: foo\r\n"),
        good.replace("Upgrade: websocket\r\n", ""),
        good.replace("Connection: Upgrade\r\n", ""),
        good.replace("HTTP/1.1", "HTTP/1.0"),
        Frames.accepting("Sec-WebSocket-Protocol: c"),
        Frames.accepting("Sec-WebSocket-Protocol: a, b"),
        Frames.accepting("Sec-WebSocket-Extensions: x-other"),
        Frames.accepting("Content-Length: 5"),
        Frames.accepting("Transfer-Encoding: chunked"));
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.MethodSource("wrongAgreements")
  void aWrongAgreementIsABadGateway(String agreement) throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(agreement);
              call.in().transferTo(java.io.OutputStream.nullOutputStream());
            });
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL)) {
      try (RawClient client = house.gateway().connect()) {
        RawClient.Answer answer =
            client
                .send(
                    Frames.opening(
                        "/",
                        "Sec-WebSocket-Protocol: a, b",
                        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"))
                .answer();
        assertThat(answer.status()).isEqualTo(502);
        ErrorsTest.assertProblem(answer);
        assertThat(house.gateway().upstreamEvents).containsExactly("MALFORMED");
        Eventually.becomes(
            "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
      }
      house.assertNothingIsLeft();
    }
  }

  @Test
  void extensionsMayBringParametersOfTheirOwn() throws Exception {
    try (RawUpstream upstream =
            agreeing("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover");
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL)) {
      house.open("Sec-WebSocket-Extensions: x-a, permessage-deflate; q=1").close();
      house.assertNothingIsLeft();
    }
  }

  @Test
  void noMoreMayBeOpenThanTheSettingSays() throws Exception {
    WebSocketSettings one = new WebSocketSettings(TestGateway.LONG, TestGateway.LONG, 1);
    try (RawUpstream upstream = agreeing();
        SocketHouse house = new SocketHouse(upstream.port(), one)) {
      try (RawClient open = house.open();
          RawClient client = house.gateway().connect()) {
        RawClient.Answer answer = client.send(Frames.opening("/")).answer();
        assertThat(answer.status()).isEqualTo(503);
        ErrorsTest.assertProblem(answer);
        assertThat(answer.values("Retry-After")).containsExactly("1");
        assertThat(client.send(GET).answer().status()).isEqualTo(200);
        open.send(Frames.close(1000, true));
      }
      house.assertNothingIsLeft();
      house.open().close();
      house.assertNothingIsLeft();
      assertThat(house.tunnels().total()).isEqualTo(2);
    }
  }

  @Test
  void openConnectionsAreNotCountedAmongThePooledOnes() throws Exception {
    try (RawUpstream upstream = agreeing();
        SocketHouse house = new SocketHouse(upstream.port(), 1, SocketHouse.USUAL);
        RawClient first = house.open();
        RawClient second = house.open();
        RawClient third = house.open()) {
      assertThat(house.gateway().get("/").status()).isEqualTo(200);
      assertThat(upstream.connectionsOpen()).isEqualTo(4);
      assertThat(first.socket().isConnected() && second.socket().isConnected()).isTrue();
      third.send(Frames.close(1000, true));
    }
  }

  @Test
  void clientsThatLeaveBeforeTheUpstreamAgreesLeaveNothing() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              Thread.sleep(200);
              call.write(Frames.accepting());
              call.in().transferTo(java.io.OutputStream.nullOutputStream());
            });
        SocketHouse house =
            new SocketHouse(
                upstream.port(),
                new WebSocketSettings(Duration.ofHours(1), TestGateway.LONG, 10))) {
      RawClient client = house.gateway().connect();
      client.send(Frames.opening("/"));
      upstream.head();
      client.reset();
      house.assertNothingIsLeft();
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
    }
  }

  @Test
  void aConnectionThatDiedInThePoolIsReplaced() throws Exception {
    java.util.concurrent.atomic.AtomicInteger connections =
        new java.util.concurrent.atomic.AtomicInteger();
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              boolean first = connections.incrementAndGet() == 1;
              call.readHead();
              call.write(first ? OK : Frames.accepting());
              if (first) {
                call.readHead();
              } else {
                call.in().transferTo(java.io.OutputStream.nullOutputStream());
              }
            });
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL)) {
      assertThat(house.gateway().get("/").status()).isEqualTo(200);
      house.open().close();
      house.assertNothingIsLeft();
    }
  }
}
