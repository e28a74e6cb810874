package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.proxy.ClientCut;
import io.sluice.request.Cidr;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that do not come to the point, or are too many. */
@Timeout(60)
final class SlowHeadsTest {

  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final PatientGateway.Bounds bounds = new PatientGateway.Bounds();
  private final List<RawClient> clients = new ArrayList<>();
  private RawUpstream upstream;

  @BeforeEach
  void start() throws IOException {
    upstream = RawUpstream.answering(OK);
  }

  @AfterEach
  void stop() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
    upstream.close();
  }

  @Test
  void aHeadThatTricklesIsAnswered408AndItsConnectionClosed() throws Exception {
    bounds.head = Duration.ofMillis(300);
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      RawClient client = connect(gateway).send("GET / HTTP/1.1\r\nHost: a\r\n");
      trickle(client, "X-a: b\r\n");
      assertThat(client.answer().status()).isEqualTo(408);
      Eventually.becomes("no client is connected", () -> gateway.connections() == 0);
      Eventually.becomes("a client is cut off", () -> gateway.cuts.size() >= 1);
      assertThat(gateway.cuts).containsExactly(ClientCut.SLOW_HEAD);
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void aLaterHeadThatTricklesIsCutToo() throws Exception {
    bounds.head = Duration.ofMillis(300);
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      RawClient client = connect(gateway).send(GET);
      assertThat(client.answer().status()).isEqualTo(200);
      client.send("GET / HT");
      assertThat(client.answer().status()).isEqualTo(408);
      Eventually.becomes("no client is connected", () -> gateway.connections() == 0);
    }
  }

  @Test
  void aConnectionThatSendsNoRequestIsClosedWhateverTricklesIn() throws Exception {
    bounds.head = Duration.ofMillis(300);
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      connect(gateway);
      trickle(connect(gateway), "\r\n");
      Eventually.becomes("no client is connected", () -> gateway.connections() == 0);
      Eventually.becomes("two clients are cut off", () -> gateway.cuts.size() >= 2);
      assertThat(gateway.cuts).containsExactly(ClientCut.SLOW_HEAD, ClientCut.SLOW_HEAD);
    }
  }

  @Test
  void anIdleConnectionIsClosedThoughLineEndsTrickleIn() throws Exception {
    bounds.idle = Duration.ofMillis(700);
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      RawClient client = connect(gateway).send(GET);
      assertThat(client.answer().status()).isEqualTo(200);
      trickle(client, "\r\n");
      Eventually.becomes("no client is connected", () -> gateway.connections() == 0);
      Eventually.becomes("a client is cut off", () -> gateway.cuts.size() >= 1);
      assertThat(gateway.cuts).containsExactly(ClientCut.IDLE);
    }
  }

  @Test
  void requestsAreNotCutHoweverLongTheirAnswersAndConnectionsLast() throws Exception {
    bounds.head = Duration.ofMillis(300);
    try (RawUpstream slow = slowUpstream();
        PatientGateway gateway = PatientGateway.before(slow, bounds)) {
      RawClient client = connect(gateway).send(GET);
      assertThat(client.answer().content()).isEqualTo("ok");
      connect(gateway);
      Eventually.becomes("one client is connected", () -> gateway.connections() == 1);
      assertThat(client.send(GET).answer().content()).isEqualTo("ok");
      Eventually.becomes("a client is cut off", () -> gateway.cuts.size() >= 1);
      assertThat(gateway.cuts).as("of the silent one only").containsExactly(ClientCut.SLOW_HEAD);
    }
  }

  @Test
  void anHttp2ConnectionWithoutRequestsIsClosedThoughPingsComeIn() throws Exception {
    bounds.head = Duration.ofMillis(300);
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      RawClient client = connect(gateway).send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      client.send(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
      trickle(client, "\0\0\10\6\0\0\0\0\0pingpong");
      Eventually.becomes("no client is connected", () -> gateway.connections() == 0);
      assertThat(gateway.cuts).contains(ClientCut.SLOW_HEAD);
    }
  }

  @Test
  void anAddressHoldsOnlySoManyConnections() throws Exception {
    bounds.perAddress = 5;
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      for (int i = 0; i < 5; i++) {
        assertThat(connect(gateway).send(GET).answer().status()).isEqualTo(200);
      }
      assertThat(isClosedAtOnce(connect(gateway))).isTrue();
      Eventually.becomes("a client is cut off", () -> gateway.cuts.size() >= 1);
      assertThat(gateway.cuts).containsExactly(ClientCut.ADDRESS);
      clients.get(0).close();
      // The channel is counted a moment longer than the connection.
      Eventually.becomes("others are served", () -> isServed(gateway));
    }
  }

  private boolean isServed(PatientGateway gateway) {
    try {
      return connect(gateway).send(GET).answer().status() == 200;
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void aTrustedProxyHoldsAsManyAsItLikes() throws Exception {
    bounds.perAddress = 5;
    bounds.proxies = List.of(Cidr.parse("127.0.0.0/8"));
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      for (int i = 0; i < 20; i++) {
        assertThat(connect(gateway).send(GET).answer().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void aFloodOfIdleConnectionsCrowdsItselfOut() throws Exception {
    bounds.connections = 64;
    try (PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      for (int i = 0; i < 300; i++) {
        connect(gateway);
      }
      long start = System.nanoTime();
      assertThat(gateway.get().status()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
      assertThat(gateway.cuts).contains(ClientCut.CROWDED).containsOnly(ClientCut.CROWDED);
    }
  }

  private RawClient connect(PatientGateway gateway) throws IOException {
    RawClient client = gateway.connect();
    clients.add(client);
    return client;
  }

  private static boolean isClosedAtOnce(RawClient client) throws IOException {
    try {
      return client.in().read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  /** Sends the same again and again, until something comes back or the connection breaks. */
  private static void trickle(RawClient client, String text) throws Exception {
    try {
      for (int i = 0; i < 300 && client.socket().getInputStream().available() == 0; i++) {
        client.send(text);
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (SocketException cut) {
      // As it should.
    }
  }

  private static RawUpstream slowUpstream() throws IOException {
    return RawUpstream.playing(call -> {
      while (call.readHead()) {
        TimeUnit.MILLISECONDS.sleep(2000);
        call.write(OK);
      }
    });
  }
}
