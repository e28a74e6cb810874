package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.MetaData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of 1xx answers (RFC 9110, section 15.2). */
@Timeout(60)
class InterimTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String HINTS =
      "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n"
          + "Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=1\r\nX-RateLimit-Limit: 9\r\n"
          + "Content-Length: 7\r\n\r\n";

  @Test
  void hintsComeBeforeTheAnswerWithoutWhatBelongsToTheConnection() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                call.write(HINTS);
                go.await();
                call.write("HTTP/1.1 103 Early Hints\r\nLink: </c>\r\n\r\n" + OK);
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(GET);
      assertThat(client.head())
          .isEqualTo(
              "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n");
      go.countDown();
      assertThat(client.head()).isEqualTo("HTTP/1.1 103 Early Hints\r\nLink: </c>\r\n");
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.values("Link")).isEmpty();
      assertThat(answer.text()).isEqualTo("ok");
      client.send(GET);
      assertThat(client.head()).startsWith("HTTP/1.1 103 ");
      assertThat(client.head()).startsWith("HTTP/1.1 103 ");
      assertThat(client.answer().text()).isEqualTo("ok");
      assertThat(upstream.connectionsOpen()).isEqualTo(1);
      assertThat(gateway.upstreamEvents).containsExactly("200", "200");
    }
  }

  @Test
  void otherInterimAnswersPassButNotAnUnaskedContinue() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.answering(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
                    + "HTTP/1.1 104 Upload Resumption Supported\r\n\r\n"
                    + OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(GET);
      assertThat(client.head()).startsWith("HTTP/1.1 102 ");
      assertThat(client.head()).startsWith("HTTP/1.1 104 ");
      assertThat(client.answer().text()).isEqualTo("ok");
    }
  }

  @Test
  void hintsReachAnHttp2Client() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(HINTS + HINTS + OK);
        TestGateway gateway = TestGateway.before(upstream);
        Http2Caller client = new Http2Caller(gateway.port())) {
      for (int i = 0; i < 2; i++) {
        Http2Caller.Call call = client.get("/");
        assertThat(call.head().getStatus()).isEqualTo(200);
        assertThat(call.end()).isEqualTo("end");
        assertThat(call.text()).isEqualTo("ok");
        assertThat(call.interims())
            .extracting(MetaData.Response::getStatus)
            .containsExactly(103, 103);
        HttpFields fields = call.interims().get(0).getHttpFields();
        assertThat(fields.getValuesList("Link"))
            .containsExactly("</a.css>; rel=preload", "</b.js>");
        assertThat(fields.getFieldNamesCollection()).containsExactly("link");
      }
    }
  }

  @Test
  void anOldClientHearsNothingOfThem() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(HINTS + OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer = gateway.ask("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("ok");
    }
  }

  @Test
  void anAnswerThatFailsAfterThemIsStillAnswered() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(HINTS);
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(GET);
      assertThat(client.head()).startsWith("HTTP/1.1 103 ");
      assertThat(client.answer().status()).isEqualTo(502);
      assertThat(gateway.upstreamEvents).containsExactly("BROKEN");
    }
  }

  @Test
  void anUnaskedSwitchOfProtocolsIsRefused() throws Exception {
    for (String more : List.of("", "Connection: Upgrade\r\nUpgrade: websocket\r\n")) {
      try (RawUpstream upstream =
              RawUpstream.playing(call -> {
                call.readHead();
                call.write("HTTP/1.1 101 Switching Protocols\r\n" + more + "\r\n" + OK);
                call.in().read();
              });
          TestGateway gateway = TestGateway.before(upstream);
          RawClient client = gateway.connect()) {
        client.send(GET);
        assertThat(client.answer().status()).isEqualTo(502);
        Eventually.becomes(
            "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
        assertThat(gateway.upstreamEvents).containsExactly("MALFORMED");
      }
    }
  }

  @Test
  void interimAnswersWithoutEndAreAFailureOfTheUpstream() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              while (true) {
                call.write("HTTP/1.1 102 Processing\r\n\r\n");
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(GET);
      String head = client.head();
      int interims = 0;
      while (head.startsWith("HTTP/1.1 102 ")) {
        interims++;
        head = client.head();
      }
      assertThat(interims).isEqualTo(32);
      assertThat(head).startsWith("HTTP/1.1 502 ");
    }
  }

  @Test
  void aClientThatHasGoneDisturbsNobody() throws Exception {
    List<RawClient> gone = new ArrayList<>();
    CountDownLatch go = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                go.await();
                call.write(HINTS);
                TimeUnit.MILLISECONDS.sleep(20);
                call.write(HINTS + OK);
              }
            });
        TestGateway gateway = TestGateway.before(upstream)) {
      for (int i = 0; i < 10; i++) {
        RawClient client = gateway.connect();
        gone.add(client);
        client.send(GET);
        upstream.head();
      }
      for (RawClient client : gone) {
        client.reset();
      }
      go.countDown();
      try (RawClient client = gateway.connect()) {
        client.send(GET);
        assertThat(client.head()).startsWith("HTTP/1.1 103 ");
        assertThat(client.head()).startsWith("HTTP/1.1 103 ");
        assertThat(client.answer().text()).isEqualTo("ok");
      }
    }
  }

  /** A write that is still under way must end before the next is begun, or the client is lost. */
  @Test
  void manyLargeHintsAtOnceAndTheAnswerKeepTheirOrderForASlowClient() throws Exception {
    String large = "HTTP/1.1 103 Early Hints\r\nLink: <" + "x".repeat(60_000) + ">\r\n\r\n";
    try (RawUpstream upstream = RawUpstream.answering(large.repeat(30) + OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.socket().setReceiveBufferSize(64 * 1024);
      client.send(GET.repeat(8));
      stalls(upstream);
      for (int i = 0; i < 8; i++) {
        for (int hint = 0; hint < 30; hint++) {
          assertThat(client.head()).startsWith("HTTP/1.1 103 ").hasSizeGreaterThan(60_000);
        }
        assertThat(client.answer().text()).isEqualTo("ok");
      }
    }
  }

  /**
   * Waits until the gateway finds the client's buffer full: no more requests reach the upstream.
   */
  private static void stalls(RawUpstream upstream) throws InterruptedException {
    int seen = -1;
    int unchanged = 0;
    while (unchanged < 20) {
      TimeUnit.MILLISECONDS.sleep(25);
      unchanged = upstream.headsWaiting() == seen ? unchanged + 1 : 0;
      seen = upstream.headsWaiting();
    }
    assertThat(seen).as("requests that fit into the buffers").isLessThan(8);
  }
}
