package io.sluice.app;

import static io.sluice.app.TestGateway.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.upstream.UpstreamSettings;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that go away, at every stage of a request: the upstream is told within a second. */
@Timeout(60)
class LeavingClientTest {

  /** A second, and what a loaded machine adds. */
  private static final long PROMPTLY = TimeUnit.SECONDS.toNanos(3);

  private static final String GET = "GET /a HTTP/1.1\r\nHost: api.example.com\r\n\r\n";
  private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  enum Way {
    CLOSE,
    RESET;

    void leave(RawClient client) throws IOException {
      if (this == CLOSE) {
        client.close();
      } else {
        client.reset();
      }
    }
  }

  /** When the upstream was told that nobody waits any more. */
  private final BlockingQueue<Long> ends = new LinkedBlockingQueue<>();

  private RawUpstream upstream;

  @AfterEach
  void stop() throws IOException {
    upstream.close();
  }

  @ParameterizedTest
  @EnumSource
  void isNoticedWhileTheUpstreamIsSilent(Way way) throws Exception {
    upstream = silentAfter("");
    try (TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect().send(GET)) {
      upstream.head();
      way.leave(client);
      assertToldPromptly();
    }
  }

  @ParameterizedTest
  @EnumSource
  void isNoticedInAPauseOfTheAnswer(Way way) throws Exception {
    upstream = silentAfter(HEAD + "1\r\na\r\n");
    try (TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect().send(GET)) {
      client.head();
      way.leave(client);
      assertToldPromptly();
    }
  }

  @ParameterizedTest
  @EnumSource
  void isNoticedAfterARequestWithContent(Way way) throws Exception {
    upstream = silentAfter("");
    try (TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
      upstream.head();
      way.leave(client);
      assertToldPromptly();
    }
  }

  @ParameterizedTest
  @EnumSource
  void isNoticedInAnUpload(Way way) throws Exception {
    upstream = silentAfter("");
    try (TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      String head = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n";
      client.send(head + "x".repeat(100_000)); // more than is gathered before it goes on
      upstream.head();
      way.leave(client);
      assertToldPromptly();
    }
  }

  @Test
  void isNoticedWhenNothingIsTakenOfALargeAnswer() throws Exception {
    upstream =
        RawUpstream.playing(call -> {
          call.readHead();
          try {
            call.write("HTTP/1.1 200 OK\r\nContent-Length: 500000000\r\n\r\n");
            byte[] part = new byte[65_536];
            while (true) {
              call.write(part);
            }
          } catch (IOException e) {
            ends.add(System.nanoTime());
          }
        });
    try (TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect().send(GET)) {
      client.head();
      LockSupport.parkNanos(200_000_000); // until all buffers on the way are full
      client.socket().close();
      assertToldPromptly();
    }
  }

  @ParameterizedTest
  @EnumSource
  void isNoticedWhileWaitingForAConnection(Way way) throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    upstream =
        RawUpstream.playing(call -> {
          while (call.readHead()) {
            call.write(answers.take());
          }
        });
    UpstreamSettings one =
        new UpstreamSettings(
            URI.create("http://127.0.0.1:" + upstream.port()), LONG, LONG, LONG, 1, 10);
    try (TestGateway gateway = new TestGateway(TestGateway.server(LONG), one, List.of());
        RawClient first = gateway.connect().send(GET);
        RawClient leaver = gateway.connect()) {
      assertThat(upstream.head()).startsWith("GET /a ");
      leaver.send(GET.replace("/a", "/left"));
      way.leave(leaver);
      Eventually.becomes(
          Duration.ofNanos(PROMPTLY),
          "the other client alone is connected",
          () -> gateway.server().connections().getConnections() <= 1);
      answers.add(OK);
      answers.add(OK);
      assertThat(first.answer().content()).isEqualTo("ok");
      assertThat(first.send(GET.replace("/a", "/next")).answer().content()).isEqualTo("ok");
      assertThat(upstream.head()).startsWith("GET /next ");
    }
  }

  @Test
  void isNoticedWhenAnHttp2StreamIsReset() throws Exception {
    upstream = silentAfter("");
    try (TestGateway gateway = TestGateway.before(upstream);
        Http2Caller client = new Http2Caller(gateway.port())) {
      Http2Caller.Call call = client.get("/a");
      upstream.head();
      call.reset();
      assertToldPromptly();
    }
  }

  @Test
  void isNoticedWhenAnHttp2StreamIsResetInAnUpload() throws Exception {
    upstream = silentAfter("");
    try (TestGateway gateway = TestGateway.before(upstream);
        Http2Caller client = new Http2Caller(gateway.port())) {
      Http2Caller.Call call = client.call("POST", "/a", HttpFields.EMPTY, false).data("abc", false);
      upstream.head();
      call.reset();
      assertToldPromptly();
    }
  }

  @Test
  void isNoticedWhenAnHttp2ConnectionIsClosed() throws Exception {
    upstream = silentAfter("");
    try (TestGateway gateway = TestGateway.before(upstream)) {
      Http2Caller client = new Http2Caller(gateway.port());
      client.get("/a");
      upstream.head();
      client.close();
      assertToldPromptly();
    }
  }

  @Test
  void isNoticedWhenAnHttp2ClientSaysGoodbyeAndCloses() throws Exception {
    upstream = silentAfter("");
    try (TestGateway gateway = TestGateway.before(upstream);
        Http2Caller client = new Http2Caller(gateway.port())) {
      client.get("/a");
      upstream.head();
      client.sayGoodbyeAndClose();
      assertToldPromptly();
    }
  }

  @Test
  void endingOneSideOnlyIsLeaving() throws Exception {
    upstream = silentAfter("");
    try (TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect().send(GET)) {
      upstream.head();
      client.socket().shutdownOutput();
      assertToldPromptly();
      assertThat(client.in().read()).isNegative();
    }
  }

  @Test
  void aClientThatEndsItsSideGetsItsAnswerWhereThatIsChosen() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    upstream =
        RawUpstream.playing(call -> {
          call.readHead();
          call.write(answers.take());
          ends.add(System.nanoTime());
        });
    Endings patient = new Endings(HalfClose.FINISH, Duration.ZERO, Duration.ZERO);
    ServerSettings server =
        new ServerSettings("127.0.0.1", 0, LONG, 8192, 100, LONG, Shortcuts.ALL).with(patient);
    try (TestGateway gateway =
            new TestGateway(server, TestGateway.upstream(upstream.port(), LONG, LONG), List.of());
        RawClient client = gateway.connect().send(GET)) {
      upstream.head();
      client.socket().shutdownOutput();
      assertThat(ends.poll(1, TimeUnit.SECONDS)).isNull();
      answers.add(OK);
      assertThat(client.answer().content()).isEqualTo("ok");
    }
  }

  @Test
  void aNextRequestThatComesEarlyIsNoLeavingAndNoOctetOfItIsLost() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    upstream =
        RawUpstream.playing(call -> {
          while (call.readHead()) {
            call.write(answers.take());
          }
        });
    try (TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect().send(GET)) {
      upstream.head();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(700)); // so that the watch has begun
      client.send(GET.replace("/a", "/b"));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      client.send(GET.replace("/a", "/c"));
      answers.add(OK);
      assertThat(client.answer().content()).isEqualTo("ok");
      answers.addAll(List.of(OK.replace("ok", "b!"), OK.replace("ok", "c!")));
      assertThat(client.answer().content()).isEqualTo("b!");
      assertThat(client.answer().content()).isEqualTo("c!");
      assertThat(upstream.head()).startsWith("GET /b ");
      assertThat(upstream.head()).startsWith("GET /c ");
    }
  }

  /** Reads a head, answers that much, and notes when the gateway gives up. */
  private RawUpstream silentAfter(String answer) throws IOException {
    return RawUpstream.playing(call -> {
      call.readHead();
      call.write(answer);
      try {
        while (call.in().read() >= 0) {}
      } finally {
        ends.add(System.nanoTime());
      }
    });
  }

  private void assertToldPromptly() throws InterruptedException {
    long left = System.nanoTime();
    Long told = ends.poll(20, TimeUnit.SECONDS);
    assertThat(told).as("when the upstream was told").isNotNull();
    assertThat(told - left).isLessThan(PROMPTLY);
  }
}
