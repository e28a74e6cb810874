package io.sluice.app;

import static io.sluice.app.TestGateway.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.fixtures.ClosedPort;
import io.sluice.fixtures.Eventually;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients see of a gateway that stops. */
@Timeout(60)
class GracefulStopTest {

  private static final String GET = "GET /a HTTP/1.1\r\nHost: api.example.com\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String BEGINNING =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";

  /** What the upstream answers, one for each request. */
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  private final RawUpstream upstream =
      RawUpstream.playing(call -> {
        while (call.readHead()) {
          call.write(answers.take());
        }
      });

  GracefulStopTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    upstream.close();
  }

  @Test
  void theNextRequestOfAnIdleConnectionIsAnsweredAndToldToBeTheLast() throws Exception {
    try (TestGateway gateway = gateway(Duration.ZERO, LONG, LONG);
        RawClient client = gateway.connect()) {
      answers.add(OK);
      assertThat(client.send(GET).answer().values("Connection")).isEmpty();
      int port = gateway.port();
      CompletableFuture<Void> stopping = stopping(gateway);
      ClosedPort.await(port);

      answers.add(OK);
      RawClient.Answer last = client.send(GET).answer();
      assertThat(last.content()).isEqualTo("ok");
      assertThat(last.values("Connection")).containsExactly("close");
      assertThat(client.in().read()).isNegative();
      stopping.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void anOldClientThatAskedForKeepAliveIsToldToo() throws Exception {
    try (TestGateway gateway = gateway(Duration.ZERO, LONG, LONG);
        RawClient client = gateway.connect()) {
      int port = gateway.port();
      CompletableFuture<Void> stopping = stopping(gateway);
      ClosedPort.await(port);

      answers.add(OK);
      client.send("GET /a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
      RawClient.Answer last = client.answer();
      assertThat(last.content()).isEqualTo("ok");
      assertThat(last.values("Connection")).doesNotContain("keep-alive");
      assertThat(client.in().read()).isNegative();
      stopping.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aRequestUnderWayMaySayNothingForLongerThanIdleConnectionsMay() throws Exception {
    try (TestGateway gateway = gateway(Duration.ZERO, Duration.ofMillis(50), LONG);
        RawClient client = gateway.connect().send(GET)) {
      upstream.head();
      int port = gateway.port();
      CompletableFuture<Void> stopping = stopping(gateway);
      ClosedPort.await(port);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1_500));
      assertThat(stopping).isNotDone();

      answers.add(OK);
      assertThat(client.answer().content()).isEqualTo("ok");
      stopping.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aRequestThatArrivesSlowlyIsServed() throws Exception {
    try (TestGateway gateway = gateway(Duration.ZERO, Duration.ofMillis(50), LONG);
        RawClient client = gateway.connect().send(GET.substring(0, 20))) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200)); // until the first part is there
      int port = gateway.port();
      CompletableFuture<Void> stopping = stopping(gateway);
      ClosedPort.await(port);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
      answers.add(OK);
      assertThat(client.send(GET.substring(20)).answer().content()).isEqualTo("ok");
      stopping.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void silentConnectionsAreClosedAndDoNotHoldUpTheStop() throws Exception {
    try (TestGateway gateway = gateway(Duration.ZERO, Duration.ofMillis(100), LONG);
        RawClient used = gateway.connect();
        RawClient unused = gateway.connect();
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      answers.add(OK);
      assertThat(used.send(GET).answer().content()).isEqualTo("ok");
      answers.add(OK);
      assertThat(http2.get("/a").end()).isEqualTo("end");
      stopping(gateway).get(10, TimeUnit.SECONDS);
      assertThat(used.in().read()).isNegative();
      assertThat(unused.in().read()).isNegative();
    }
  }

  @Test
  void whileOthersNoticeItAcceptsAndServesAndLetsNobodyStay() throws Exception {
    try (TestGateway gateway = gateway(LONG, Duration.ZERO, LONG);
        RawClient before = gateway.connect()) {
      answers.add(OK);
      assertThat(before.send(GET).answer().values("Connection")).isEmpty();
      CompletableFuture<Void> stopping = stopping(gateway); // On another thread: not at once.
      Eventually.becomes(
          "new connections are told not to stay",
          () -> {
            answers.add(OK);
            return gateway.get("/early").values("Connection").contains("close");
          });
      answers.add(OK);
      answers.add(OK);
      assertThat(before.send(GET).answer().values("Connection")).containsExactly("close");
      assertThat(gateway.get("/new").values("Connection")).containsExactly("close");
      gateway.server().hurry();
      stopping.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void anHttp2StreamUnderWayEndsWhole() throws Exception {
    try (TestGateway gateway = gateway(Duration.ZERO, Duration.ofMillis(50), LONG);
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      Http2Caller.Call call = http2.get("/a");
      upstream.head();
      int port = gateway.port();
      CompletableFuture<Void> stopping = stopping(gateway);
      ClosedPort.await(port);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
      answers.add(OK);
      assertThat(call.end()).isEqualTo("end");
      assertThat(call.text()).isEqualTo("ok");
      stopping.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void whatRunsLongerThanTheLimitIsBrokenOffForAllToSee() throws Exception {
    try (TestGateway gateway = gateway(Duration.ZERO, LONG, Duration.ofMillis(300));
        RawClient http1 = gateway.connect().send(GET);
        RawClient old = gateway.connect().send("GET /old HTTP/1.0\r\nHost: a\r\n\r\n");
        Http2Caller http2 = new Http2Caller(gateway.port())) {
      Http2Caller.Call call = http2.get("/a");
      answers.addAll(List.of(BEGINNING, BEGINNING, BEGINNING));
      http1.head();
      old.head();
      call.head();
      stopping(gateway).get(10, TimeUnit.SECONDS);

      assertThat(new String(http1.in().readAllBytes(), "US-ASCII"))
          .startsWith("3\r\nabc")
          .doesNotContain("0\r\n");
      assertThatThrownBy(() -> old.in().readAllBytes()).isInstanceOf(SocketException.class);
      assertThat(call.end()).isNotEqualTo("end");
    }
  }

  @Test
  void aStopThatIsHurriedWaitsForNobody() throws Exception {
    try (TestGateway gateway = gateway(LONG, LONG, LONG);
        RawClient client = gateway.connect().send(GET)) {
      upstream.head();
      CompletableFuture<Void> stopping = stopping(gateway);
      gateway.server().hurry();
      stopping.get(10, TimeUnit.SECONDS);
      assertThat(client.in().read()).isNegative();
    }
  }

  private TestGateway gateway(Duration delay, Duration idle, Duration limit) throws IOException {
    Endings endings = new Endings(HalfClose.CANCEL, delay, idle);
    return new TestGateway(
        new ServerSettings("127.0.0.1", 0, LONG, 8192, 100, limit, Shortcuts.ALL).with(endings),
        TestGateway.upstream(upstream.port(), LONG, LONG),
        List.of());
  }

  private static CompletableFuture<Void> stopping(TestGateway gateway) {
    return CompletableFuture.runAsync(gateway::close);
  }
}
