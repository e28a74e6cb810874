package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that meet connections the upstream has just given up (RFC 9112, section 9.3.1). */
@Timeout(60)
class KeptConnectionTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String TIMED_OUT =
      "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 4\r\n\r\nslow";
  private static final int KEPT = 4;

  @ParameterizedTest
  @CsvSource({"GET, end", "GET, reset", "GET, 408", "PUT, end", "DELETE, 408", "OPTIONS, reset"})
  void howeverManyAreDeadAnIdempotentRequestIsAnswered(String method, String death)
      throws Exception {
    try (RawUpstream upstream = keeping(KEPT, death);
        TestGateway gateway = TestGateway.before(upstream)) {
      keep(gateway, upstream);
      RawClient.Answer answer = gateway.ask(method + " /x HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(answer.status()).isEqualTo(200);
      for (int i = 0; i <= KEPT; i++) {
        assertThat(upstream.head()).startsWith(method + " /x ");
      }
      assertThat(upstream.headsWaiting()).isZero();
      assertThat(gateway.upstreamEvents).hasSize(KEPT + 1).containsOnly("200");
    }
  }

  @ParameterizedTest
  @CsvSource({"end, ''", "408, ''", "end, abc"})
  void whatMayHaveBeenDoneIsNotDoneTwice(String death, String content) throws Exception {
    try (RawUpstream upstream = keeping(KEPT, death);
        TestGateway gateway = TestGateway.before(upstream)) {
      keep(gateway, upstream);
      RawClient.Answer answer =
          gateway.ask(
              "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: "
                  + content.length()
                  + "\r\n\r\n"
                  + content);
      assertThat(answer.status()).isEqualTo(502);
      assertThat(upstream.head()).startsWith("POST /x ");
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void aTimeoutOfTheUpstreamOnANewConnectionIsItsAnswer() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(TIMED_OUT);
            });
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer = gateway.get("/");
      assertThat(answer.status()).isEqualTo(408);
      assertThat(answer.text()).isEqualTo("slow");
      upstream.head();
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void aTimeoutOfTheUpstreamOverContentIsItsAnswer() throws Exception {
    try (RawUpstream upstream = keeping(1, "408");
        TestGateway gateway = TestGateway.before(upstream)) {
      assertThat(gateway.get("/keep").status()).isEqualTo(200);
      RawClient.Answer answer =
          gateway.ask("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(answer.status()).isEqualTo(408);
      assertThat(answer.text()).isEqualTo("slow");
    }
  }

  /** Its first connections answer one request, all at once, and die of the second. */
  private static RawUpstream keeping(int kept, String death) throws Exception {
    AtomicInteger connections = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(kept);
    return RawUpstream.playing(call -> {
      boolean fresh = connections.incrementAndGet() > kept;
      call.readHead();
      if (!fresh) {
        all.countDown();
        all.await();
      }
      call.write(OK);
      while (call.readHead()) {
        if (fresh) {
          call.write(OK);
          continue;
        }
        switch (death) {
          case "408" -> {
            call.readBody();
            call.write(TIMED_OUT);
          }
          case "reset" -> call.reset();
          default -> {}
        }
        return;
      }
    });
  }

  private static void keep(TestGateway gateway, RawUpstream upstream) throws Exception {
    RawClient[] clients = new RawClient[KEPT];
    for (int i = 0; i < KEPT; i++) {
      clients[i] = gateway.connect().send("GET /keep HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    for (RawClient client : clients) {
      assertThat(client.answer().text()).isEqualTo("ok");
      client.close();
    }
    for (int i = 0; i < KEPT; i++) {
      assertThat(upstream.head()).startsWith("GET /keep ");
    }
  }
}
