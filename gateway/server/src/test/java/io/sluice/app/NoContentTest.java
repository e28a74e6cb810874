package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that have no content, whatever they say (RFC 9112, section 6.3). */
@Timeout(60)
class NoContentTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";

  /** The answer to a request for this path; anything else gets OK. */
  private static final Map<String, String> ANSWERS =
      Map.ofEntries(
          Map.entry("/204", "HTTP/1.1 204 No Content\r\n\r\n"),
          Map.entry("/304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
          Map.entry("/304te", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
          Map.entry("/205", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
          Map.entry(
              "/205te",
              "HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
          Map.entry("/205body", "HTTP/1.1 205 Reset Content\r\nContent-Length: 5\r\n\r\nwrong"),
          Map.entry(
              "/205chunks",
              "HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + "5\r\nwrong\r\n0\r\n\r\n"),
          Map.entry("/head", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
          Map.entry("/headte", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
          Map.entry("/headend", "HTTP/1.1 200 OK\r\n\r\n"));

  @ParameterizedTest
  @CsvSource({
    "GET, /204, 204,",
    "GET, /304, 304, 9",
    "GET, /304te, 304,",
    "GET, /205, 205, 0",
    "GET, /205te, 205, 0",
    "GET, /205body, 205, 0",
    "GET, /205chunks, 205, 0",
    "HEAD, /head, 200, 9",
    "HEAD, /headte, 200,",
    "HEAD, /headend, 200,",
    "HEAD, /304, 304, 9",
    "POST, /204, 204,"
  })
  void bothConnectionsServeOnAfterThem(String method, String path, int status, String length)
      throws Exception {
    try (RawUpstream upstream = answering();
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect();
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      client.send(method + " " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
      String head = client.head();
      assertThat(head).startsWith("HTTP/1.1 " + status + " ");
      if (length != null) {
        assertThat(Wire.values(head, "Content-Length")).containsExactly(length);
      } else if (status == 204) {
        assertThat(head).doesNotContain("Content-Length", "Transfer-Encoding");
      }
      // The next octet is the next answer's.
      assertThat(client.send(NEXT).answer().head()).startsWith("HTTP/1.1 200 OK\r\n");
      Http2Caller.Call call = http2.call(method, path, HttpFields.EMPTY, true);
      assertThat(call.head().getStatus()).isEqualTo(status);
      assertThat(call.end()).isEqualTo("end");
      assertThat(call.text()).isEmpty();
      assertThat(upstream.connectionsOpen()).isEqualTo(1);
    }
  }

  private static RawUpstream answering() throws Exception {
    return RawUpstream.playing(call -> {
      while (call.readHead()) {
        call.readBody();
        call.write(ANSWERS.getOrDefault(call.head().split(" ", 3)[1], OK));
      }
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nContent-Length: 45\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 45\r\n\r\n",
        "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"
      })
  void contentThatMustNotBeThereIsNobodysAnswer(String head) throws Exception {
    String poison = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\npoison!";
    for (boolean late : new boolean[] {false, true}) {
      try (RawUpstream upstream =
              RawUpstream.playing(call -> {
                while (call.readHead()) {
                  if (call.head().startsWith("GET /next")) {
                    call.write(OK);
                  } else if (late) {
                    call.write(head);
                    TimeUnit.MILLISECONDS.sleep(100);
                    call.write(poison);
                  } else {
                    call.write(head + poison);
                  }
                }
              });
          TestGateway gateway = TestGateway.before(upstream);
          RawClient client = gateway.connect()) {
        client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.head()).startsWith(head.substring(0, 12));
        Eventually.becomes(
            "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
        assertThat(client.send(NEXT).answer().text()).isEqualTo("ok");
      }
    }
  }

  @Test
  void contentAfterTheAnswerToAHeadIsNobodysAnswer() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                call.write(OK);
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      for (int i = 0; i < 3; i++) {
        client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.answer(false).values("Content-Length")).containsExactly("2");
        Eventually.becomes(
            "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
        assertThat(client.send(NEXT).answer().text()).isEqualTo("ok");
        assertThat(upstream.connectionsOpen()).isEqualTo(1);
      }
    }
  }
}
