package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FieldsTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  /** What real servers send, spelled as awkwardly as they do. */
  private static final List<String> ANSWER_FIELDS =
      List.of(
          "Set-Cookie: a=1; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly",
          "Set-Cookie: b=\"quoted, value\"; SameSite=Lax",
          "NEL: {\"report_to\":\"default\",\"max_age\":31536000,\"include_subdomains\":true}",
          "Report-To: {\"group\":\"default\",\"endpoints\":[{\"url\":\"https://r.example/x\"}]}",
          "Content-Disposition: attachment; filename=\"a, b.txt\"; filename*=UTF-8''na%C3%AFve.txt",
          "RateLimit-Policy: \"default\";q=100;w=60",
          "RateLimit: \"default\";r=99;t=1",
          "Location: https://example.com/x?a=1,2&b=\"3\"",
          "Content-Security-Policy: default-src 'self'; script-src 'nonce-r4nd' \"odd\" https:",
          "Link: </style.css>; rel=preload; as=style, </app.js>; rel=\"preload\"; as=script",
          "ETag: W/\"67ab,43\"",
          "Vary: accept-encoding, Origin",
          "Content-Type: Text/HTML;  Charset=UTF-8",
          "Cache-Control: no-cache=\"Set-Cookie\", max-age=0",
          "WWW-Authenticate: Digest realm=\"a, b\", nonce=\"n\", qop=\"auth,auth-int\"",
          "WWW-Authenticate: Basic realm=\"x\"",
          "Date: Tue, 15 Nov 1994 08:12:31 GMT",
          "Server: my/1.0 (\"quoted\")",
          "X-Empty:",
          "X-Tab: a\tb   c",
          "X-Latin: caf\u00e9",
          "Content-Encoding: GZIP",
          "Access-Control-Expose-Headers: RateLimit, X-Other",
          "Strict-Transport-Security: max-age=31536000; includeSubDomains");

  private static final List<String> REQUEST_FIELDS =
      List.of(
          "Accept: text/html;q=0.9, application/json;profile=\"a, b\"",
          "Accept-Encoding: GZIP, br",
          "Cookie: a=1; b=\"x, y\"; c={\"k\":1}",
          "Cookie: second=line",
          "User-Agent: Mozilla/5.0 (X11; \"odd\") test/1",
          "Authorization: Digest username=\"u\", realm=\"a, b\"",
          "Content-Type: application/JSON;Charset=utf-8",
          "X-Json: {\"a\":[1,2],\"b\":\"c, d\"}",
          "x-lower: kept",
          "X-Empty:",
          "X-Twice: one",
          "X-Twice: two, three",
          "If-None-Match: W/\"a,b\", \"c\"",
          "Range: bytes=0-1, 5-6",
          "Referer: https://example.com/?q=a,b",
          "Accept-Language: de-DE, de;q=0.9");

  @Test
  void answerFieldsArriveValueForValue() throws Exception {
    String head = "HTTP/1.1 200 OK\r\n" + String.join("\r\n", ANSWER_FIELDS) + "\r\n";
    try (RawUpstream upstream = RawUpstream.answering(head + "Content-Length: 2\r\n\r\nok");
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer = gateway.get("/");
      assertThat(answer.text()).isEqualTo("ok");
      assertSameValues(answer.head(), ANSWER_FIELDS);
      assertThat(answer.values("Date")).hasSize(1);
      assertThat(answer.values("Content-Length")).containsExactly("2");
    }
  }

  @Test
  void answerFieldsArriveValueForValueThroughAWrappedResponse() throws Exception {
    Filter wrapping =
        (request, response, chain) ->
            chain.doFilter(
                request,
                new jakarta.servlet.http.HttpServletResponseWrapper(
                    (HttpServletResponse) response));
    String head = "HTTP/1.1 200 OK\r\n" + String.join("\r\n", ANSWER_FIELDS) + "\r\n";
    try (RawUpstream upstream = RawUpstream.answering(head + "Content-Length: 2\r\n\r\nok");
        TestGateway gateway = TestGateway.before(upstream, wrapping)) {
      RawClient.Answer answer = gateway.get("/");
      assertThat(answer.text()).isEqualTo("ok");
      assertSameValues(answer.head(), ANSWER_FIELDS);
      assertThat(answer.values("Date")).hasSize(1);
    }
  }

  @Test
  void requestFieldsArriveValueForValue() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      gateway.ask(
          "GET / HTTP/1.1\r\nHost: api.example.com:8080\r\n"
              + String.join("\r\n", REQUEST_FIELDS)
              + "\r\n\r\n");
      String head = upstream.head();
      assertSameValues(head, REQUEST_FIELDS);
      assertThat(Wire.values(head, "Host")).containsExactly("api.example.com:8080");
      assertThat(Wire.values(head, "Content-Length")).isEmpty();
      assertThat(Wire.values(head, "Transfer-Encoding")).isEmpty();
    }
  }

  @Test
  void hopByHopFieldsOfTheRequestStayBehind() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer =
          gateway.ask(
              Wire.head(
                  "GET / HTTP/1.1",
                  "Host: a.example",
                  "Connection: keep-alive, X-Mine, Upgrade",
                  "Connection: x-other, host",
                  "X-Mine: 1",
                  "X-Other: 2",
                  "Keep-Alive: timeout=5",
                  "Proxy-Authorization: Basic x",
                  "Proxy-Connection: keep-alive",
                  "TE: trailers",
                  "Trailer: X-T",
                  "Upgrade: h3c",
                  "Expect: 100-continue",
                  "X-Kept: 3"));
      assertThat(answer.status()).as(answer.content()).isEqualTo(200);
      String head = upstream.head();
      assertThat(head).contains("X-Kept: 3");
      assertThat(Wire.values(head, "Host")).containsExactly("a.example");
      assertThat(head)
          .doesNotContainIgnoringCase("x-mine")
          .doesNotContainIgnoringCase("x-other")
          .doesNotContainIgnoringCase("keep-alive")
          .doesNotContainIgnoringCase("proxy-")
          .doesNotContainIgnoringCase("trailer:")
          .doesNotContainIgnoringCase("upgrade")
          .doesNotContainIgnoringCase("expect");
      assertThat(Wire.values(head, "TE")).containsExactly("trailers");
      assertThat(Wire.values(head, "Connection")).containsExactly("TE");
    }
  }

  @Test
  void hopByHopFieldsOfTheAnswerStayBehind() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.answering(
                Wire.head(
                        "HTTP/1.1 200 OK",
                        "Connection: X-Hop, keep-alive",
                        "X-Hop: 1",
                        "Keep-Alive: timeout=9",
                        "Proxy-Authenticate: Basic",
                        "Upgrade: h2c",
                        "Trailer: X-T",
                        "X-Kept: 2",
                        "Content-Length: 2")
                    + "ok");
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer = gateway.get("/");
      assertThat(answer.head())
          .contains("X-Kept: 2")
          .doesNotContain("X-Hop", "Keep-Alive", "Proxy-Auth", "Upgrade", "Trailer", "Connection");
    }
  }

  @Test
  void ourRateLimitFieldsStandBesideTheUpstreamsAndReplaceItsOldOnes() throws Exception {
    Filter ours =
        (request, response, chain) -> {
          HttpServletResponse answer = (HttpServletResponse) response;
          answer.setHeader("RateLimit", "\"chat\";r=19;t=3");
          answer.setHeader("X-RateLimit-Limit", "20");
          chain.doFilter(request, response);
        };
    try (RawUpstream upstream =
            RawUpstream.answering(
                Wire.head(
                        "HTTP/1.1 200 OK",
                        "RateLimit: \"up\";r=1;t=1",
                        "X-RateLimit-Limit: 99",
                        "x-ratelimit-reset: 4",
                        "Content-Length: 2")
                    + "ok");
        TestGateway gateway = TestGateway.before(upstream, ours)) {
      RawClient.Answer answer = gateway.get("/");
      assertThat(answer.values("RateLimit")).containsExactly("\"chat\";r=19;t=3", "\"up\";r=1;t=1");
      assertThat(answer.values("X-RateLimit-Limit")).containsExactly("20");
      assertThat(answer.values("X-RateLimit-Reset")).isEmpty();
    }
  }

  @Test
  void methodsKeepTheirCase() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      gateway.ask("get / HTTP/1.1\r\nHost: a\r\n\r\n");
      gateway.ask("PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(upstream.head()).startsWith("get / ");
      assertThat(upstream.head()).startsWith("PROPFIND / ");
    }
  }

  @Test
  void viaNamesTheGatewayWhereAskedForAndEndsCircles() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway =
            new TestGateway(
                TestGateway.server(TestGateway.LONG),
                TestGateway.upstream(upstream.port(), TestGateway.LONG, TestGateway.LONG),
                true,
                List.of())) {
      RawClient.Answer answer = gateway.ask("GET / HTTP/1.1\r\nHost: a\r\nVia: 1.0 fred\r\n\r\n");
      assertThat(answer.values("Via")).containsExactly("1.1 sluice");
      assertThat(Wire.values(upstream.head(), "Via")).containsExactly("1.0 fred, 1.1 sluice");
      String circle = "1.1 sluice, ".repeat(8) + "1.1 x";
      answer = gateway.ask("GET / HTTP/1.1\r\nHost: a\r\nVia: " + circle + "\r\n\r\n");
      assertThat(answer.status()).isEqualTo(502);
    }
  }

  private static void assertSameValues(String head, List<String> fields) {
    List<String> names = new ArrayList<>();
    for (String field : fields) {
      names.add(field.substring(0, field.indexOf(':')));
    }
    String sent = String.join("\r\n", fields);
    for (String name : names) {
      assertThat(Wire.values(head, name)).as(name).isEqualTo(Wire.values(sent, name));
    }
  }
}
