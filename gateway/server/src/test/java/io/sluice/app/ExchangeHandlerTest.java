package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.fixtures.Eventually;
import io.sluice.request.Exchange;
import io.sluice.request.Exchange.End;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ExchangeHandlerTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nX-Up: 1\r\nContent-Length: 2\r\n\r\nok";
  private static final String CHUNKED =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";

  private final Eavesdropper ear = new Eavesdropper();
  private final List<Eavesdropper.Heard> all = new ArrayList<>();

  @AfterEach
  void nothingEndedTwice() {
    assertThat(all).allSatisfy(heard -> assertThat(heard.ends).isEmpty());
  }

  private Eavesdropper.Heard heard() throws InterruptedException {
    Eavesdropper.Heard heard = ear.heard();
    all.add(heard);
    return heard;
  }

  private Eavesdropper.Heard assertHeard(End end, int status, String content)
      throws InterruptedException {
    Eavesdropper.Heard heard = heard();
    Exchange.Outcome outcome = heard.end();
    assertThat(outcome.end()).isEqualTo(end);
    assertThat(outcome.status()).isEqualTo(status);
    assertThat(heard.statuses).isEqualTo(status == 0 ? List.of() : List.of(status));
    assertThat(heard.text()).isEqualTo(content);
    assertThat(outcome.contentBytes()).isEqualTo(content.length());
    assertThat(outcome.nanos()).isPositive();
    return heard;
  }

  @ParameterizedTest
  @ValueSource(strings = {"/sync", "/stream", "/async", "/dispatch", "/listener", "/sent-error"})
  void hearsEveryOctetHoweverAServletWrites(String path) throws Exception {
    try (GatewayServer server = serving(new Writing());
        RawClient client = new RawClient(server.port());
        Http2Caller http2 = new Http2Caller(server.port())) {
      RawClient.Answer answer =
          client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").answer();
      assertHeard(End.COMPLETED, answer.status(), answer.content());
      answer =
          client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").answer();
      assertHeard(End.COMPLETED, answer.status(), answer.content());
      answer = RawClient.ask(server.port(), "GET " + path + " HTTP/1.0\r\n\r\n");
      assertHeard(End.COMPLETED, answer.status(), answer.content());
      Http2Caller.Call call = http2.get(path);
      assertThat(call.end()).isEqualTo("end");
      assertHeard(End.COMPLETED, call.head().getStatus(), call.text());
    }
  }

  @Test
  void hearsTheFieldsAsTheyAreSent() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream, ear)) {
      RawClient.Answer answer = gateway.get("/");
      Eavesdropper.Heard heard = heard();
      heard.end();
      assertThat(heard.fields.stream().map(e -> e.getKey() + ": " + e.getValue()))
          .contains("X-Up: 1", "Content-Length: 2")
          .hasSize(answer.head().split("\r\n", -1).length - 2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OK, CHUNKED})
  void hearsForwardedAnswers(String text) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(text);
        TestGateway gateway = TestGateway.before(upstream, ear);
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      RawClient.Answer answer = gateway.get("/");
      assertHeard(End.COMPLETED, 200, answer.content());
      Http2Caller.Call call = http2.get("/");
      assertThat(call.end()).isEqualTo("end");
      assertHeard(End.COMPLETED, 200, call.text());
    }
  }

  @Test
  void hearsNoContentOfAnswersToHead() throws Exception {
    try (GatewayServer server = serving(new Writing())) {
      RawClient.ask(server.port(), "HEAD /sync HTTP/1.1\r\nHost: a\r\n\r\n");
      assertHeard(End.COMPLETED, 200, "");
      RawClient.ask(server.port(), "HEAD /sent-error HTTP/1.1\r\nHost: a\r\n\r\n");
      assertHeard(End.COMPLETED, 418, "");
    }
    try (RawUpstream upstream =
            RawUpstream.answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
        TestGateway gateway = TestGateway.before(upstream, ear)) {
      gateway.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertHeard(End.COMPLETED, 200, "");
    }
  }

  @Test
  void hearsTheFinalAnswerOnlyAndNotTheInterimOne() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream, ear);
        RawClient client = gateway.connect()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
      assertThat(client.head()).startsWith("HTTP/1.1 100 ");
      client.send("x").answer();
      assertHeard(End.COMPLETED, 200, "ok");
    }
  }

  @Test
  void hearsErrorsOfTheGatewayAndOfJetty() throws Exception {
    try (RawUpstream upstream = RawUpstream.playing(RawUpstream.Call::readHead);
        TestGateway gateway = TestGateway.before(upstream, ear)) {
      RawClient.Answer answer = gateway.get("/");
      assertHeard(End.COMPLETED, 502, answer.content());
      answer = gateway.get("//");
      assertHeard(End.COMPLETED, 400, answer.content());
    }
    Filter failing =
        (request, response, chain) -> {
          throw new IOException("on purpose");
        };
    try (GatewayServer server = serving(new Writing(), failing)) {
      RawClient.Answer answer = RawClient.ask(server.port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      Eavesdropper.Heard heard = assertHeard(End.COMPLETED, 500, answer.content());
      assertThat(answer.text()).contains(heard.decisionId);
    }
  }

  @Test
  void aRefusalWithUnreadContentIsWhole() throws Exception {
    Filter refusing =
        (request, response, chain) -> {
          ((HttpServletResponse) response).setStatus(429);
          response.getOutputStream().write('x');
        };
    try (GatewayServer server = serving(new Writing(), refusing);
        RawClient client = new RawClient(server.port());
        Http2Caller http2 = new Http2Caller(server.port())) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(429);
      assertHeard(End.COMPLETED, 429, "x");
      http2.call("POST", "/", HttpFields.EMPTY, false).end();
      assertHeard(End.COMPLETED, 429, "x");
    }
  }

  @Test
  void anUpstreamThatBreaksIsTheUpstreamsFault() throws Exception {
    CountDownLatch breakNow = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
              breakNow.await();
            });
        TestGateway gateway = TestGateway.before(upstream, ear);
        RawClient client = gateway.connect();
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").head();
      client.in().readNBytes(4);
      Http2Caller.Call call = http2.get("/");
      call.chunk();
      breakNow.countDown();
      assertThat(client.in().read()).isEqualTo(-1);
      assertThat(call.end()).startsWith("reset");
      assertHeard(End.UPSTREAM_BROKE, 200, "half");
      assertHeard(End.UPSTREAM_BROKE, 200, "half");
    }
  }

  @Test
  void aClientThatGoesAwayIsTheClientsFault() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write("HTTP/1.1 200 OK\r\n\r\n");
              while (true) {
                call.write(new byte[10_000]);
              }
            });
        TestGateway gateway = TestGateway.before(upstream, ear);
        RawClient client = gateway.connect();
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").head();
      client.reset();
      assertThat(heard().end().end()).isEqualTo(End.CLIENT_GONE);
      Http2Caller.Call call = http2.get("/");
      call.chunk();
      call.reset();
      assertThat(heard().end().end()).isEqualTo(End.CLIENT_GONE);
    }
  }

  @Test
  void anHttp2ClientThatGoesAwayBeforeAnyAnswerIsHeard() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.in().read();
            });
        TestGateway gateway = TestGateway.before(upstream, ear);
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      Http2Caller.Call call = http2.get("/");
      upstream.head();
      call.reset();
      assertHeard(End.CLIENT_GONE, 0, "");
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
    }
  }

  @Test
  void aClientThatGoesAwayWhileSendingIsHeard() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.in().readAllBytes();
            });
        TestGateway gateway = TestGateway.before(upstream, ear);
        RawClient client = gateway.connect()) {
      // Without a length, it goes on to the upstream before it is whole.
      client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
      upstream.head();
      client.reset();
      assertThat(heard().end().end()).isEqualTo(End.CLIENT_GONE);
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
    }
  }

  @Test
  void aWrapperAroundTheResponseSeesEveryOctet() throws Exception {
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    Filter copying =
        (request, response, chain) ->
            chain.doFilter(request, new Copying((HttpServletResponse) response, seen));
    String content = "0123456789".repeat(50_000);
    try (RawUpstream upstream =
            RawUpstream.answering(
                "HTTP/1.1 200 OK\r\nContent-Length: " + content.length() + "\r\n\r\n" + content);
        TestGateway gateway = TestGateway.before(upstream, ear, copying)) {
      assertThat(gateway.get("/").content()).isEqualTo(content);
      assertThat(seen.toString(StandardCharsets.US_ASCII)).isEqualTo(content);
      assertHeard(End.COMPLETED, 200, content);
    }
    seen.reset();
    try (RawUpstream upstream = RawUpstream.answering(CHUNKED);
        TestGateway gateway = TestGateway.before(upstream, ear, copying)) {
      assertThat(gateway.get("/").content()).isEqualTo("abcdef");
      assertThat(seen.toString(StandardCharsets.US_ASCII)).isEqualTo("abcdef");
      assertHeard(End.COMPLETED, 200, "abcdef");
    }
    seen.reset();
    try (RawUpstream upstream = RawUpstream.playing(RawUpstream.Call::readHead);
        TestGateway gateway = TestGateway.before(upstream, ear, copying)) {
      String problem = gateway.get("/").content();
      assertThat(seen.toString(StandardCharsets.UTF_8)).isEqualTo(problem).contains("502");
      assertHeard(End.COMPLETED, 502, problem);
    }
  }

  @Test
  void aWrapperSeesTheBeginningOfABrokenAnswer() throws Exception {
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    Filter copying =
        (request, response, chain) ->
            chain.doFilter(request, new Copying((HttpServletResponse) response, seen));
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
            });
        TestGateway gateway = TestGateway.before(upstream, ear, copying)) {
      assertThatThrownBy(() -> gateway.get("/")).isInstanceOf(IOException.class);
      assertHeard(End.UPSTREAM_BROKE, 200, "half");
      assertThat(seen.toString(StandardCharsets.US_ASCII)).isEqualTo("half");
    }
  }

  private GatewayServer serving(HttpServlet servlet, Filter... filters) throws IOException {
    GatewayServer server = new GatewayServer(TestGateway.server(TestGateway.LONG));
    List<Filter> pipeline = new ArrayList<>(List.of(ear));
    pipeline.addAll(List.of(filters));
    server.serve(pipeline, servlet);
    server.start();
    return server;
  }

  /** Writes in each way that a servlet can. */
  private static final class Writing extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      switch (request.getRequestURI()) {
        case "/sync" -> response.getOutputStream().print("written at once");
        case "/stream" -> {
          for (int i = 0; i < 100; i++) {
            response.getWriter().write("line " + i + "\n".repeat(500));
            response.flushBuffer();
          }
        }
        case "/async" -> {
          AsyncContext async = request.startAsync();
          async.start(() -> {
            try {
              response.getOutputStream().print("written later");
              async.complete();
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
        }
        case "/dispatch" -> {
          if (request.getAttribute("again") == null) {
            request.setAttribute("again", true);
            request.startAsync().dispatch();
          } else {
            response.getOutputStream().print("written on return");
          }
        }
        case "/listener" -> listen(request, response);
        default -> response.sendError(418, "teapot");
      }
    }

    private static void listen(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      AsyncContext async = request.startAsync();
      ServletOutputStream out = response.getOutputStream();
      out.setWriteListener(
          new WriteListener() {
            private int chunks = 100;

            @Override
            public void onWritePossible() throws IOException {
              while (out.isReady()) {
                if (chunks-- == 0) {
                  async.complete();
                  return;
                }
                out.write(
                    "chunk of an asynchronous answer\n"
                        .repeat(100)
                        .getBytes(StandardCharsets.US_ASCII));
              }
            }

            @Override
            public void onError(Throwable cause) {
              async.complete();
            }
          });
    }
  }

  /** Copies what is written, as a caching filter would. */
  private static final class Copying extends HttpServletResponseWrapper {

    private final ByteArrayOutputStream copy;

    Copying(HttpServletResponse response, ByteArrayOutputStream copy) {
      super(response);
      this.copy = copy;
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
      ServletOutputStream out = super.getOutputStream();
      return new ServletOutputStream() {
        @Override
        public boolean isReady() {
          return out.isReady();
        }

        @Override
        public void setWriteListener(WriteListener listener) {
          out.setWriteListener(listener);
        }

        @Override
        public void write(int octet) throws IOException {
          copy.write(octet);
          out.write(octet);
        }

        @Override
        public void write(byte[] octets, int offset, int length) throws IOException {
          copy.write(octets, offset, length);
          out.write(octets, offset, length);
        }

        @Override
        public void flush() throws IOException {
          out.flush();
        }
      };
    }
  }
}
