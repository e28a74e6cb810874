package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.proxy.ClientCut;
import io.sluice.upstream.Pace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Content that comes slowly, in pieces, or not at all. */
@Timeout(60)
final class SlowBodiesTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final PatientGateway.Bounds bounds = new PatientGateway.Bounds();
  private final BlockingQueue<String> bodies = new ArrayBlockingQueue<>(100);
  private final List<RawClient> clients = new ArrayList<>();
  private RawUpstream upstream;

  @BeforeEach
  void start() throws IOException {
    upstream =
        RawUpstream.playing(call -> {
          while (call.readHead()) {
            bodies.add(new String(call.readBody(), StandardCharsets.ISO_8859_1));
            call.write(OK);
          }
        });
  }

  @AfterEach
  void stop() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
    upstream.close();
  }

  @Test
  void aClientThatDoesNotSendHoldsNoConnectionToTheUpstream() throws Exception {
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      RawClient client = post(gateway, "Content-Length: 1000").send("a".repeat(999));
      Eventually.becomes("a body is being gathered", () -> gateway.slow().gathered() > 0);
      assertThat(upstream.connectionsOpen()).isZero();
      client.send("b");
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(body()).isEqualTo("a".repeat(999) + "b");
      assertThat(gateway.slow().gathered()).isZero();
    }
  }

  @Test
  void contentInPiecesArrivesAsItWasSent() throws Exception {
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      StringBuilder sent = new StringBuilder();
      RawClient client = post(gateway, "Content-Length: 300000");
      for (int i = 0; sent.length() < 300_000; i++) {
        String piece = Integer.toString(i).repeat(1 + i % 50);
        piece = piece.substring(0, Math.min(piece.length(), 300_000 - sent.length()));
        sent.append(piece);
        client.send(piece);
      }
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(body()).isEqualTo(sent.toString());
      assertThat(gateway.slow().gathered()).isZero();
    }
  }

  @Test
  void chunksInPiecesArriveWhole() throws Exception {
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      RawClient client = post(gateway, "Transfer-Encoding: chunked");
      for (int i = 0; i < 200; i++) {
        client.send("3\r\n" + (100 + i) + "\r\n");
      }
      assertThat(bodies).isEmpty();
      client.send("0\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(body()).hasSize(600).startsWith("100101").endsWith("299");
    }
  }

  @Test
  void contentOfUnsaidLengthIsSentOnAfterAWhile() throws Exception {
    bounds.patience = Duration.ofMillis(200);
    try (RawUpstream talking = talkingUpstream();
        PatientGateway gateway = PatientGateway.before(talking, bounds)) {
      RawClient client = post(gateway, "Transfer-Encoding: chunked").send("2\r\nhi\r\n");
      assertThat(client.head()).startsWith("HTTP/1.1 200");
      client.send("0\r\n\r\n");
    }
  }

  @Test
  void aConversationOverHttp2BeginsAtOnce() throws Exception {
    try (RawUpstream talking = talkingUpstream();
        PatientGateway gateway = PatientGateway.before(talking, bounds);
        Http2Caller caller = new Http2Caller(gateway.port())) {
      HttpFields grpc = HttpFields.build().add("Content-Type", "application/grpc+proto");
      Http2Caller.Call call = caller.call("POST", "/", grpc, false).data("hi", false);
      assertThat(call.head().getStatus()).isEqualTo(200);
      call.data("", true);
    }
  }

  @Test
  void contentThatComesTooSlowlyIsRefusedAndTheUpstreamNeverSeesIt() throws Exception {
    bounds.pace = new Pace(100, Duration.ofMillis(600));
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      RawClient client = post(gateway, "Content-Length: 1000").send("abc");
      assertThat(client.answer().status()).isEqualTo(408);
      Eventually.becomes("a client is cut off", () -> gateway.cuts.size() >= 1);
      assertThat(gateway.cuts).containsExactly(ClientCut.SLOW_CONTENT);
      assertThat(upstream.headsWaiting()).isZero();
      assertThat(gateway.slow().gathered()).isZero();
    }
  }

  @Test
  void anUploadThatStopsIsAbortedUpstreamAndNeverCompleted() throws Exception {
    bounds.pace = new Pace(100, Duration.ofMillis(600));
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      RawClient client = post(gateway, "Content-Length: 200000").send("a".repeat(100_000));
      upstream.head();
      assertThat(client.answer().status()).isEqualTo(408);
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
      assertThat(bodies).isEmpty();
    }
  }

  @Test
  void anUploadOverHttp2ThatStopsIsRefused() throws Exception {
    bounds.pace = new Pace(100, Duration.ofMillis(600));
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds);
        Http2Caller caller = new Http2Caller(gateway.port())) {
      Http2Caller.Call call =
          caller
              .call("POST", "/", HttpFields.build().add("Content-Length", "1000"), false)
              .data("abc", false);
      assertThat(call.head().getStatus()).isEqualTo(408);
      Eventually.becomes("a client is cut off", () -> gateway.cuts.size() >= 1);
      assertThat(gateway.cuts).containsExactly(ClientCut.SLOW_CONTENT);
    }
  }

  @Test
  void anUploadThatKeepsThePaceMayTakeAsLongAsItWants() throws Exception {
    bounds.pace = new Pace(10, Duration.ofMillis(800));
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      RawClient client = post(gateway, "Content-Length: 200");
      for (int i = 0; i < 20; i++) {
        client.send("0123456789");
        TimeUnit.MILLISECONDS.sleep(150);
      }
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(body()).hasSize(200);
    }
  }

  @Test
  void aSlowUpstreamIsNotTheClientsFault() throws Exception {
    bounds.pace = new Pace(1000, Duration.ofMillis(500));
    try (RawUpstream slow =
            RawUpstream.playing(call -> {
              call.readHead();
              TimeUnit.MILLISECONDS.sleep(3000);
              call.readBody();
              call.write(OK);
            });
        PatientGateway gateway = PatientGateway.before(slow, bounds)) {
      int length = 16 << 20;
      RawClient client = post(gateway, "Content-Length: " + length).send(new byte[length]);
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(gateway.cuts).isEmpty();
    }
  }

  @Test
  void uploadsHoldHalfOfTheConnectionsAtMost() throws Exception {
    bounds.upstreamConnections = 4;
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      for (int i = 0; i < 6; i++) {
        post(gateway, "Content-Length: 200000").send("a".repeat(100_000));
      }
      upstream.head();
      upstream.head();
      for (int i = 0; i < 20; i++) {
        assertThat(gateway.get().status()).isEqualTo(200);
        assertThat(upstream.head()).startsWith("GET ");
      }
      clients.get(0).close();
      clients.get(1).close();
      clients.get(2).close();
      assertThat(upstream.head()).startsWith("POST ");
    }
  }

  @Test
  void aClientThatGoesAwayWhileItsContentIsGatheredLeavesNothing() throws Exception {
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      RawClient client = post(gateway, "Content-Length: 1000").send("abc");
      Eventually.becomes("a body is being gathered", () -> gateway.slow().gathered() > 0);
      client.reset();
      Eventually.becomes("nothing of a body is kept", () -> gateway.slow().gathered() == 0);
      Eventually.becomes("no client is connected", () -> gateway.connections() == 0);
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void aClientThatWaitsFor100ContinueIsToldThatContentIsWanted() throws Exception {
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      RawClient client = post(gateway, "Content-Length: 3\r\nExpect: 100-continue");
      assertThat(client.head()).startsWith("HTTP/1.1 100");
      assertThat(client.send("abc").answer().status()).isEqualTo(200);
      assertThat(body()).isEqualTo("abc");
    }
  }

  private String body() throws InterruptedException {
    String body = bodies.poll(10, TimeUnit.SECONDS);
    return body == null ? "none" : body;
  }

  private RawClient post(PatientGateway gateway, String field) throws IOException {
    RawClient client = gateway.connect();
    clients.add(client);
    return client.send("POST / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n");
  }

  /** An upstream that answers before it has all content. */
  private static RawUpstream talkingUpstream() throws IOException {
    return RawUpstream.playing(call -> {
      call.readHead();
      call.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n");
      call.readBody();
      call.write("0\r\n\r\n");
    });
  }
}
