package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.MetaData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code Expect: 100-continue} from end to end (RFC 9110, section 10.1.1). */
@Timeout(60)
class ContinueTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String GO_ON = "HTTP/1.1 100 Continue\r\n\r\n";
  private static final String POST =
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";

  @Test
  void theUpstreamIsAskedAndItsWordReachesTheClient() throws Exception {
    CountDownLatch quiet = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                quiet.await();
                call.write(GO_ON);
                byte[] content = call.readBody();
                call.write(OK.replace("ok", new String(content, 0, 2)));
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(POST);
      String head = upstream.head();
      assertThat(Wire.values(head, "Expect")).containsExactly("100-continue");
      assertThat(Wire.values(head, "Content-Length")).containsExactly("3");
      assertThat(client.in().available()).isZero();
      quiet.countDown();
      assertThat(client.head()).isEqualTo("HTTP/1.1 100 Continue\r\n");
      assertThat(client.send("abc").answer().text()).isEqualTo("ab");
      // Both connections serve on.
      assertThat(client.send(POST).head()).startsWith("HTTP/1.1 100 ");
      assertThat(client.send("xyz").answer().text()).isEqualTo("xy");
      assertThat(upstream.connectionsOpen()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "413 Content Too Large",
        "401 Unauthorized",
        "417 Expectation Failed",
        "307 Temporary Redirect"
      })
  void aRefusalOfTheUpstreamArrivesWithoutTheContentHavingBeenSent(String status) throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    StringBuilder more = new StringBuilder();
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              if (call.head().startsWith("GET")) {
                call.write(OK);
              } else {
                call.write("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\nno");
                int octet = call.in().read();
                while (octet >= 0) {
                  more.append((char) octet);
                  octet = call.in().read();
                }
                ended.countDown();
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(POST);
      RawClient.Answer answer = client.answer();
      assertThat(answer.head()).startsWith("HTTP/1.1 " + status.substring(0, 4));
      assertThat(answer.text()).isEqualTo("no");
      // What follows could be content as well as a request, so nothing may.
      assertThat(answer.values("Connection")).containsExactly("close");
      client.send("abcGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.in().readAllBytes()).isEmpty();
      assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(more).isEmpty();
      upstream.head();
      assertThat(gateway.get("/next").text()).isEqualTo("ok");
      assertThat(upstream.head()).startsWith("GET /next ");
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void anUpstreamThatDoesNotKnowOfItGetsTheContentAfterASecond() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      long start = System.nanoTime();
      client.send(POST);
      assertThat(client.head()).startsWith("HTTP/1.1 100 ");
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(950));
      assertThat(client.send("abc").answer().text()).isEqualTo("ok");
      assertThat(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").answer().text()).isEqualTo("ok");
    }
  }

  @Test
  void aLateOrRepeatedWordOfTheUpstreamIsNotTold() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                call.write(GO_ON + GO_ON);
                call.readBody();
                call.write(GO_ON + OK);
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(POST);
      assertThat(client.head()).startsWith("HTTP/1.1 100 ");
      assertThat(client.send("abc").head()).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void contentThatIsSentUnaskedGoesUpOnceTheUpstreamWantsIt() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                go.await();
                call.write(GO_ON);
                call.write(OK.replace("ok", new String(call.readBody(), 1, 2)));
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(POST + "abc");
      upstream.head();
      go.countDown();
      String head = client.head();
      RawClient.Answer answer =
          head.startsWith("HTTP/1.1 100 ") ? client.answer() : new RawClient.Answer(head, "");
      assertThat(answer.status()).isEqualTo(200);
    }
  }

  @Test
  void hintsAndTheWordToGoOnKeepTheirOrder() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + GO_ON);
              call.readBody();
              call.write("HTTP/1.1 102 Processing\r\n\r\n" + OK);
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(POST);
      assertThat(client.head()).startsWith("HTTP/1.1 103 ");
      assertThat(client.head()).startsWith("HTTP/1.1 100 ");
      assertThat(client.send("abc").head()).startsWith("HTTP/1.1 102 ");
      assertThat(client.answer().text()).isEqualTo("ok");
    }
  }

  @Test
  void anUpstreamThatAsksAndAnswersInOneBreathIsUnderstood() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(GO_ON + "HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno");
              call.in().read();
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(POST);
      String head = client.head();
      assertThat(head.startsWith("HTTP/1.1 100 ") ? client.head() : head)
          .startsWith("HTTP/1.1 413 ");
    }
  }

  @Test
  void limitsDecideBeforeAnybodyIsAsked() throws Exception {
    Filter refusing = (request, response, chain) -> ((HttpServletResponse) response).setStatus(429);
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream, refusing);
        RawClient client = gateway.connect()) {
      assertThat(client.send(POST).head()).startsWith("HTTP/1.1 429 ");
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"200-maybe", "100-continue, more", "100-continue; q=1"})
  void otherExpectationsFail(String expectation) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect();
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      client.send(POST.replace("100-continue", expectation) + "abc");
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(417);
      ErrorsTest.assertProblem(answer);
      assertThat(client.in().readAllBytes()).isEmpty();
      Http2Caller.Call call =
          http2.call("POST", "/", HttpFields.build().add("Expect", expectation), false);
      assertThat(call.head().getStatus()).isEqualTo(417);
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void anExpectationOfAnOldClientCountsForNothing() throws Exception {
    String old =
        "POST / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n"
            + "Content-Length: 3\r\n\r\n";
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(old);
      client.send("abc");
      assertThat(upstream.head()).doesNotContainIgnoringCase("expect");
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).isEqualTo("ok");
      assertThat(client.send(old + "abc").answer().text()).isEqualTo("ok");
    }
  }

  @Test
  void anExpectationWithoutContentIsForgotten() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n");
      assertThat(client.answer().text()).isEqualTo("ok");
      assertThat(upstream.head()).doesNotContainIgnoringCase("expect");
    }
  }

  @Test
  void overHttp2TheWordAndTheRefusalArriveToo() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                if (call.head().startsWith("PUT")) {
                  call.write("HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno");
                  return;
                }
                call.write(GO_ON);
                call.write(OK.replace("ok", new String(call.readBody(), 0, 2)));
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        Http2Caller client = new Http2Caller(gateway.port())) {
      HttpFields expecting = HttpFields.build().add("Expect", "100-continue");
      Http2Caller.Call call = client.call("POST", "/", expecting, false);
      Eventually.becomes("an interim answer has come", () -> !call.interims().isEmpty());
      assertThat(call.interims()).extracting(MetaData.Response::getStatus).containsExactly(100);
      call.data("abc", true);
      assertThat(call.end()).isEqualTo("end");
      assertThat(call.text()).isEqualTo("ab");
      Http2Caller.Call refused = client.call("PUT", "/", expecting, false);
      assertThat(refused.head().getStatus()).isEqualTo(413);
      refused.end();
      assertThat(refused.text()).isEqualTo("no");
      assertThat(refused.interims()).isEmpty();
      Http2Caller.Call next = client.call("POST", "/", expecting, false);
      next.data("xyz", true);
      assertThat(next.end()).isEqualTo("end");
    }
  }

  @Test
  void aClientThatGoesAwayInsteadOfSendingFreesTheUpstream() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(GO_ON);
              call.in().read();
            });
        TestGateway gateway = TestGateway.before(upstream)) {
      try (RawClient client = gateway.connect()) {
        client.send(POST);
        assertThat(client.head()).startsWith("HTTP/1.1 100 ");
      }
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
    } catch (IOException closed) {
      throw new AssertionError(closed);
    }
  }
}
