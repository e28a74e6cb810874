package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fields after the content, both ways (RFC 9110, section 6.5). */
@Timeout(60)
class TrailersTest {

  private static final String ASKING = "GET / HTTP/1.1\r\nHost: a\r\nTE: gzip;q=0.5, Trailers\r\n";
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, Server-Timing\r\n\r\n"
          + "2\r\nok\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\nServer-Timing: a;dur=1\r\n\r\n";

  private static final String FORBIDDEN =
      "Content-Length: 9\r\nTransfer-Encoding: gzip\r\nHost: evil\r\nAuthorization: x\r\n"
          + "Set-Cookie: a=b\r\nCookie: a=b\r\nContent-Type: text/evil\r\nTE: trailers\r\n"
          + "Connection: close\r\nKeep-Alive: 1\r\nTrailer: x\r\nX-RateLimit-Limit: 9\r\n"
          + "RateLimit: \"x\";r=1\r\nForwarded: for=1.2.3.4\r\nX-Forwarded-For: 1.2.3.4\r\n"
          + "X_Forwarded_For: 1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\nX-User-Id: root\r\n"
          + "x_user_id: root\r\nX-User-Roles: admin\r\nCache-Control: public\r\n"
          + "If-Match: x\r\nRange: bytes=0-1\r\nVia: 1.1 x\r\nExpect: 100-continue\r\n"
          + "Proxy-Authorization: x\r\nUpgrade: h2c\r\nX-Named: 1\r\n";

  @Test
  void anHttp11ClientThatTakesTrailersGetsThem() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(ANSWER);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      for (int i = 0; i < 2; i++) {
        client.send(ASKING + "\r\n");
        String head = client.head();
        assertThat(Wire.values(head, "Trailer")).containsExactly("X-Sum, Server-Timing");
        assertThat(Wire.values(head, "Transfer-Encoding")).containsExactly("chunked");
        assertThat(chunks(client))
            .isEqualTo("2\r\nok\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\nServer-Timing: a;dur=1\r\n\r\n");
        String asked = upstream.head();
        assertThat(Wire.values(asked, "TE")).containsExactly("trailers");
        assertThat(Wire.values(asked, "Connection")).containsExactly("TE");
      }
      assertThat(upstream.connectionsOpen()).isEqualTo(1);
    }
  }

  @Test
  void oneThatDoesNotGetsAWholeAnswerWithout() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(ANSWER);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      for (String te : new String[] {"", "TE: gzip\r\n", "TE:\r\n", "TE: trailers-not\r\n"}) {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n" + te + "\r\n");
        assertThat(Wire.values(client.head(), "Trailer")).isEmpty();
        assertThat(chunks(client)).isEqualTo("2\r\nok\r\n0\r\n\r\n");
        assertThat(upstream.head()).doesNotContain("TE:", "Connection:");
      }
      RawClient.Answer old =
          gateway.ask("GET / HTTP/1.0\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n");
      assertThat(old.text()).isEqualTo("ok");
      assertThat(old.values("Trailer")).isEmpty();
    }
  }

  @Test
  void anAnswerWithoutTrailersEndsAsUsualForAClientThatTakesThem() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                call.write(
                    switch (call.head().split(" ", 3)[1]) {
                      case "/length" -> "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                      case "/empty" ->
                          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
                      default ->
                          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
                              + "0\r\n\r\n";
                    });
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect();
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      assertThat(client.send(ASKING + "\r\n").answer().text()).isEqualTo("ok");
      RawClient.Answer length = client.send(ASKING.replace(" / ", " /length ") + "\r\n").answer();
      assertThat(length.values("Content-Length")).containsExactly("2");
      assertThat(length.values("Transfer-Encoding")).isEmpty();
      assertThat(length.text()).isEqualTo("ok");
      assertThat(client.send(ASKING.replace(" / ", " /empty ") + "\r\n").answer().text()).isEmpty();
      client.send(ASKING.replace("GET", "HEAD") + "\r\n");
      assertThat(client.answer(false).status()).isEqualTo(200);
      for (String path : new String[] {"/", "/length", "/empty"}) {
        Http2Caller.Call call = http2.get(path);
        assertThat(call.end()).isEqualTo("end");
        assertThat(call.text()).isEqualTo(path.equals("/empty") ? "" : "ok");
        assertThat(call.trailers()).isNull();
      }
    }
  }

  @Test
  void anHttp2ClientAlwaysGetsThemAlsoThroughAFiltersWrapper() throws Exception {
    Filter wrapping =
        (request, response, chain) ->
            chain.doFilter(request, new HttpServletResponseWrapper((HttpServletResponse) response));
    try (RawUpstream upstream = RawUpstream.answering(ANSWER);
        TestGateway gateway = TestGateway.before(upstream, wrapping);
        Http2Caller client = new Http2Caller(gateway.port())) {
      Http2Caller.Call call =
          client.call("GET", "/", HttpFields.build().add("TE", "trailers"), true);
      assertThat(call.end()).isEqualTo("end");
      assertThat(call.head().getHttpFields().get("Trailer")).isEqualTo("X-Sum, Server-Timing");
      HttpFields trailers = Objects.requireNonNull(call.trailers());
      assertThat(trailers.getValuesList("X-Sum")).containsExactly("1", "2");
      assertThat(Wire.values(upstream.head(), "TE")).containsExactly("trailers");
      Http2Caller.Call unasked = client.get("/");
      assertThat(unasked.end()).isEqualTo("end");
      assertThat(Objects.requireNonNull(unasked.trailers()).get("X-Sum")).isEqualTo("1");
      assertThat(upstream.head()).doesNotContain("TE:");
    }
  }

  @Test
  void trailersThatCouldChangeAnAnswerDoNotPass() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.answering(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: X-Named\r\n\r\n"
                    + "2\r\nok\r\n0\r\n"
                    + FORBIDDEN
                    + "X-User-Id: 1\r\nX-Kept: 1\r\n\r\n");
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect();
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      client.send(ASKING + "\r\n").head();
      String chunks = chunks(client);
      assertThat(chunks).startsWith("2\r\nok\r\n0\r\n").contains("X-Kept: 1\r\n");
      assertThat(chunks.lines().filter(line -> line.contains(":")).map(l -> l.split(":")[0]))
          .isSubsetOf("X-Kept", "X-User-Id", "x_user_id", "X-User-Roles");
      Http2Caller.Call call = http2.get("/");
      assertThat(call.end()).isEqualTo("end");
      assertThat(Objects.requireNonNull(call.trailers()).getFieldNamesCollection())
          .isSubsetOf("x-kept", "x-user-id", "x_user_id", "x-user-roles");
    }
  }

  @Test
  void trailersOfTheRequestGoUp() throws Exception {
    LinkedBlockingQueue<String> contents = new LinkedBlockingQueue<>();
    try (RawUpstream upstream = recording(contents);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect();
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
              + "3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Sum: b c\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(next(contents)).isEqualTo("3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Sum: b c\r\n\r\n");
      assertThat(Wire.values(upstream.head(), "Trailer")).containsExactly("X-Sum");
      client.send(
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: 1\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(next(contents)).isEqualTo("0\r\nX-A: 1\r\n\r\n");

      Http2Caller.Call call = http2.call("POST", "/", HttpFields.EMPTY, false);
      call.data("abc", false).trailers(HttpFields.build().add("x-sum", "1"));
      assertThat(call.end()).isEqualTo("end");
      assertThat(next(contents)).isEqualTo("3\r\nabc\r\n0\r\nx-sum: 1\r\n\r\n");
      Http2Caller.Call none = http2.call("POST", "/", HttpFields.EMPTY, false);
      none.trailers(HttpFields.build().add("x-sum", "1"));
      assertThat(none.end()).isEqualTo("end");
      assertThat(next(contents)).isEqualTo("0\r\nx-sum: 1\r\n\r\n");
      assertThat(upstream.connectionsOpen()).isEqualTo(1);
    }
  }

  @Test
  void contentUnderALengthGoesUpWithoutTrailers() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        TestGateway gateway = TestGateway.before(upstream);
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      for (int i = 0; i < 2; i++) {
        Http2Caller.Call call =
            http2.call(
                "POST",
                "/",
                HttpFields.build().add("content-length", "3").add("trailer", "x-sum"),
                false);
        call.data("abc", false).trailers(HttpFields.build().add("x-sum", "1"));
        assertThat(call.end()).isEqualTo("end");
        String head = upstream.head();
        assertThat(Wire.values(head, "Content-Length")).containsExactly("3");
        assertThat(head).doesNotContainIgnoringCase("trailer");
      }
      assertThat(upstream.connectionsOpen()).isEqualTo(1);
    }
  }

  @Test
  void trailersThatCouldChangeARequestDoNotGoUp() throws Exception {
    LinkedBlockingQueue<String> contents = new LinkedBlockingQueue<>();
    try (RawUpstream upstream = recording(contents);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      String chunked =
          "POST / HTTP/1.1\r\nHost: a\r\nConnection: X-Named\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3\r\nabc\r\n0\r\n"
              + FORBIDDEN;
      assertThat(client.send(chunked + "X-Kept: 1\r\n\r\n").answer().status()).isEqualTo(200);
      assertThat(next(contents)).isEqualTo("3\r\nabc\r\n0\r\nX-Kept: 1\r\n\r\n");
      assertThat(client.send(chunked + "\r\n").answer().status()).isEqualTo(200);
      assertThat(next(contents)).isEqualTo("3\r\nabc\r\n0\r\n\r\n");
    }
  }

  @Test
  void trailersWithoutEndAreAFailureAndNotAWholeAnswer() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n");
              for (int i = 0; i < 100_000; i++) {
                call.write("X-More: " + "x".repeat(100) + "\r\n");
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send(ASKING + "\r\n");
      assertThat(client.head()).startsWith("HTTP/1.1 200 ");
      assertThat(rest(client)).doesNotEndWith("\r\n\r\n");
      assertThat(gateway.upstreamEvents).containsExactly("200", "MALFORMED");
    }
  }

  private static RawUpstream recording(LinkedBlockingQueue<String> contents) throws IOException {
    return RawUpstream.playing(call -> {
      while (call.readHead()) {
        StringBuilder content = new StringBuilder();
        String last = "";
        while (!last.equals("\r\n") || !content.toString().contains("0\r\n")) {
          last = line(call.in());
          content.append(last);
        }
        contents.add(content.toString());
        call.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      }
    });
  }

  private static String next(LinkedBlockingQueue<String> contents) throws InterruptedException {
    @Nullable String content = contents.poll(10, TimeUnit.SECONDS);
    return Objects.requireNonNull(content, "no content came");
  }

  /** Reads chunked content as it stands on the wire, up to and with the empty line. */
  private static String chunks(RawClient client) throws IOException {
    StringBuilder all = new StringBuilder();
    String line = "";
    while (!line.equals("\r\n")) {
      line = line(client.in());
      all.append(line);
    }
    return all.toString();
  }

  private static String line(java.io.InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int octet = 0;
    while (octet != '\n') {
      octet = in.read();
      if (octet < 0) {
        throw new IOException("ended within " + line);
      }
      line.append((char) octet);
    }
    return line.toString();
  }

  private static String rest(RawClient client) {
    try {
      return new String(client.in().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException reset) {
      return "";
    }
  }
}
