package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ForwardingTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @Test
  void forwardsAndAnswersOnConnectionsThatStayOpen() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      for (int i = 0; i < 3; i++) {
        client.send("GET /a/" + i + "?q=1 HTTP/1.1\r\nHost: api.example.com\r\n\r\n");
        assertThat(client.answer().text()).isEqualTo("ok");
        assertThat(upstream.head()).startsWith("GET /a/" + i + "?q=1 HTTP/1.1\r\n");
      }
      assertThat(upstream.connectionsOpen()).isEqualTo(1);
      assertThat(gateway.upstreamEvents).containsExactly("200", "200", "200");
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                String path = call.head().split(" ", 3)[1];
                call.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + path);
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      StringBuilder requests = new StringBuilder();
      for (int i = 100; i < 300; i++) {
        requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
      }
      client.send(requests.toString());
      for (int i = 100; i < 300; i++) {
        assertThat(client.answer().text()).isEqualTo("/" + i);
      }
    }
  }

  @Test
  void manyClientsAtOnceEachGetTheirOwnAnswers() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                String echo = new String(call.readBody(), StandardCharsets.ISO_8859_1);
                call.write(
                    "HTTP/1.1 200 OK\r\nContent-Length: " + echo.length() + "\r\n\r\n" + echo);
              }
            });
        TestGateway gateway = TestGateway.before(upstream)) {
      ExecutorService clients = Executors.newFixedThreadPool(32);
      List<Future<?>> done = new ArrayList<>();
      for (int client = 0; client < 32; client++) {
        String name = "client " + client + " ";
        done.add(clients.submit(() -> converse(gateway, name)));
      }
      clients.shutdown();
      for (Future<?> one : done) {
        one.get();
      }
      assertThat(upstream.connectionsOpen()).isLessThanOrEqualTo(33);
    }
  }

  private static @Nullable Void converse(TestGateway gateway, String name) throws IOException {
    try (RawClient client = gateway.connect()) {
      for (int i = 0; i < 60; i++) {
        String text = (name + i + " ").repeat(1 + i * i);
        String framed =
            i % 2 == 0
                ? "Content-Length: " + text.length() + "\r\n\r\n" + text
                : "Transfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(text.length())
                    + "\r\n"
                    + text
                    + "\r\n0\r\n\r\n";
        client.send("POST / HTTP/1.1\r\nHost: a\r\n" + framed);
        assertThat(client.answer().text()).isEqualTo(text);
      }
      return null;
    }
  }

  @Test
  void forwardsWhatAFilterHasHeldUpAndDispatchedAgain() throws Exception {
    Filter waiting =
        (request, response, chain) -> {
          if (request.getAttribute("held") == null) {
            request.setAttribute("held", true);
            AsyncContext async = request.startAsync(request, response);
            async.setTimeout(0);
            var unused = CompletableFuture.runAsync(async::dispatch);
          } else {
            chain.doFilter(request, response);
          }
        };
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream, waiting);
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      RawClient.Answer answer =
          gateway.ask(
              "POST /a;p/./%62?q=%2F|&r=1+2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(answer.text()).isEqualTo("ok");
      String head = upstream.head();
      assertThat(head).startsWith("POST /a/b?q=%2F%7C&r=1+2 HTTP/1.1\r\n");
      assertThat(Wire.values(head, "Content-Length")).containsExactly("3");
      Http2Caller.Call call = http2.get("/x");
      assertThat(call.end()).isEqualTo("end");
      assertThat(call.text()).isEqualTo("ok");
    }
  }

  @Test
  void aStopLetsRequestsUnderWayEnd() throws Exception {
    CountDownLatch stopping = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              stopping.await();
              TimeUnit.MILLISECONDS.sleep(300);
              call.write(OK);
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      int port = gateway.port();
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      upstream.head();
      Thread stop = new Thread(gateway::close);
      stop.start();
      stopping.countDown();
      RawClient.Answer answer = client.answer();
      assertThat(answer.text()).isEqualTo("ok");
      assertThat(client.in().read()).isEqualTo(-1);
      stop.join();
      assertThatThrownBy(() -> new RawClient(port)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void connectionsBeyondTheLimitWait() throws Exception {
    ServerSettings one =
        new ServerSettings(
            "127.0.0.1", 0, TestGateway.LONG, 8192, 1, Duration.ofSeconds(1), Shortcuts.ALL);
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway =
            new TestGateway(
                one,
                TestGateway.upstream(upstream.port(), TestGateway.LONG, TestGateway.LONG),
                List.of());
        RawClient first = gateway.connect()) {
      String get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
      assertThat(first.send(get).answer().status()).isEqualTo(200);
      try (RawClient second = gateway.connect();
          RawClient third = gateway.connect()) {
        second.send(get).socket().setSoTimeout(300);
        third.send(get).socket().setSoTimeout(300);
        // At most one more is accepted before the limit shows; two never are.
        assertThat(answered(second) && answered(third)).isFalse();
      }
    }
  }

  private static boolean answered(RawClient client) throws IOException {
    try {
      return client.answer().status() == 200;
    } catch (IOException waiting) {
      return false;
    }
  }

  @Test
  void anErrorForHeadHasNoContentAndKeepsTheConnection() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              if (call.head().startsWith("GET")) {
                call.write(OK);
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
      RawClient.Answer answer = client.answer(false);
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.values("Content-Length")).hasSize(1);
      client.send("HEAD //x HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.answer(false).status()).isEqualTo(400);
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.answer().text()).isEqualTo("ok");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "/a/../x;v=1?q=a|b&r=%zz /x?q=a%7Cb&r=%25zz",
        "/%63hat/./b /chat/b",
        "/caf%c3%a9/%20 /caf%C3%A9/%20",
        "/x?a=1,2&b=%2F&c=[1] /x?a=1,2&b=%2F&c=%5B1%5D",
        "/x?{\"k\":1} /x?%7B%22k%22:1%7D",
        "/a/%2e%2e/x /x",
        "/a;jsessionid=1/b /a/b",
        "/Case/Kept/ /Case/Kept/",
        "/x? /x?",
        "http://api.example.com/abs?q=1 /abs?q=1",
        "/a/..;/x /x"
      })
  void forwardsTheCanonicalPathAndALegalQuery(String target, String forwarded) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      assertThat(gateway.get(target).status()).isEqualTo(200);
      assertThat(upstream.head()).startsWith("GET " + forwarded + " HTTP/1.1\r\n");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "//x",
    "/a//b",
    "/a%2fb",
    "/a%25b",
    "/a%5cb",
    "/a%00b",
    "/a%zzb",
    "/a%c0%afb",
    "/a%0d%0ab",
    "/;x/b",
    "/x#frag",
    "*",
    "/../x",
    "/%2e%2e/x",
    "/a/../../x"
  })
  void refusesPathsWithoutASingleReading(String target) throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      RawClient.Answer answer = gateway.get(target);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.values("Content-Type")).containsExactly("application/problem+json");
      assertThat(answer.text()).contains("\"status\":400", "\"decision\":\"");
      assertThat(upstream.headsWaiting()).isZero();
    }
  }
}
