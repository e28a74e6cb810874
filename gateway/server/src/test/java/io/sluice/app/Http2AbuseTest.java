package io.sluice.app;

import static io.sluice.http2.RawHttp2.CALM;
import static io.sluice.http2.RawHttp2.CANCEL;
import static io.sluice.http2.RawHttp2.CONTINUATION;
import static io.sluice.http2.RawHttp2.DATA;
import static io.sluice.http2.RawHttp2.END_HEADERS;
import static io.sluice.http2.RawHttp2.END_STREAM;
import static io.sluice.http2.RawHttp2.HEADERS;
import static io.sluice.http2.RawHttp2.PROTOCOL_ERROR;
import static io.sluice.http2.RawHttp2.REFUSED;
import static io.sluice.http2.RawHttp2.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.http2.RawHttp2;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.frames.Frame;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients of HTTP/2 that want to do harm, and what becomes of them, the upstream and the others.
 */
@NullMarked
@Timeout(60)
class Http2AbuseTest {

  private static final int ATTEMPTS = 10_000;
  private static final int MAX_RESETS = 200;
  private static final int WIDEST_WINDOW = Integer.MAX_VALUE;
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final AtomicInteger reached = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final RawUpstream upstream;
  private TestGateway gateway;

  /** Why the gateway has ended connections, which a client whose end was reset need not see. */
  private final List<Integer> farewells = new CopyOnWriteArrayList<>();

  Http2AbuseTest() throws IOException {
    upstream = RawUpstream.playing(this::play);
    gateway = gateway(TestGateway.LONG);
  }

  private TestGateway gateway(Duration idle) throws IOException {
    TestGateway made =
        new TestGateway(
            TestGateway.server(idle),
            TestGateway.upstream(upstream.port(), TestGateway.LONG, TestGateway.LONG),
            List.of());
    Connector connector = made.server().server().getConnectors()[0];
    connector
        .getConnectionFactory(HTTP2CServerConnectionFactory.class)
        .addEventListener(
            new HTTP2Session.FrameListener() {
              @Override
              public void onOutgoingFrame(Session session, Frame frame) {
                if (frame instanceof GoAwayFrame farewell && farewell.getError() != 0) {
                  farewells.add(farewell.getError());
                }
              }
            });
    return made;
  }

  /** /near answers at once, /large at length, all else never; abandoned requests are counted. */
  private void play(RawUpstream.Call call) throws IOException {
    while (call.readHead()) {
      if (call.head().startsWith("GET /near")) {
        call.write(OK);
        continue;
      }
      reached.incrementAndGet();
      open.incrementAndGet();
      try {
        if (call.head().startsWith("GET /large")) {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
          byte[] piece = new byte[100_000];
          for (int i = 0; i < 1000; i++) {
            call.write(piece);
          }
        }
        while (call.in().read() >= 0) {}
        return;
      } finally {
        open.decrementAndGet();
      }
    }
  }

  @AfterEach
  void stop() throws IOException {
    gateway.close();
    upstream.close();
  }

  @Test
  void whoCancelsRequestsAtOnceIsCutAndTheUpstreamSeesFew() throws Exception {
    try (RawHttp2 attacker = RawHttp2.client(gateway.port())) {
      flood(attacker, i -> attacker.get(2 * i + 1, "/far"), i -> attacker.reset(2 * i + 1, CANCEL));
      assertCut(attacker, CALM);
    }
    assertThat(reached.get()).as("requests that reached the upstream").isLessThan(3 * MAX_RESETS);
    Eventually.becomes("no stream is open", () -> open.get() == 0);
  }

  @Test
  void whoMakesTheGatewayResetRequestsIsCutAndTheUpstreamSeesFew() throws Exception {
    try (RawHttp2 attacker = RawHttp2.client(gateway.port())) {
      flood(
          attacker,
          i -> attacker.get(2 * i + 1, "/far"),
          i -> attacker.window(2 * i + 1, WIDEST_WINDOW));
      assertCut(attacker, CALM);
    }
    assertThat(reached.get()).as("requests that reached the upstream").isLessThan(3 * MAX_RESETS);
    Eventually.becomes("no stream is open", () -> open.get() == 0);
  }

  @Test
  void emptyWindowUpdatesAreNoBetter() throws Exception {
    try (RawHttp2 attacker = RawHttp2.client(gateway.port())) {
      flood(attacker, i -> attacker.get(2 * i + 1, "/far"), i -> attacker.window(2 * i + 1, 0));
      assertCut(attacker, CALM);
    }
    assertThat(reached.get()).as("requests that reached the upstream").isLessThan(3 * MAX_RESETS);
  }

  @Test
  void floodsOfFramesThatCarryNothingAreCut() throws Exception {
    floodIsCut(RawHttp2::ping);
    floodIsCut(attacker -> attacker.settings(3, 100));
    floodIsCut(attacker -> attacker.frame(2, 0, 1, new byte[5]));
    floodIsCut(attacker -> attacker.frame(99, 0, 0, new byte[1]));
    try (RawHttp2 attacker = RawHttp2.client(gateway.port())) {
      attacker.request(1, "POST", "/far", 0);
      flood(attacker, i -> attacker.data(1, 0, ""), i -> {});
      assertCut(attacker, CALM);
    }
  }

  @Test
  void headersWithoutAnEndAreCut() throws Exception {
    for (int octets : new int[] {0, 1}) {
      try (RawHttp2 attacker = RawHttp2.client(gateway.port())) {
        attacker.frame(HEADERS, END_STREAM, 1, RawHttp2.block(":method", "GET"));
        flood(attacker, i -> attacker.frame(CONTINUATION, 0, 1, new byte[octets]), i -> {});
        assertCut(attacker, CALM);
      }
    }
    try (RawHttp2 attacker = RawHttp2.client(gateway.port())) {
      attacker.frame(HEADERS, END_STREAM, 1, RawHttp2.block(":method", "GET"));
      byte[] large = RawHttp2.block("x-large", "y".repeat(10_000));
      for (int i = 0; i < 100; i++) {
        attacker.frame(CONTINUATION, 0, 1, large);
      }
      flushUnlessCut(attacker);
      assertCut(attacker, PROTOCOL_ERROR);
    }
    assertThat(reached.get()).isZero();
  }

  @Test
  void aSmallBlockThatUnfoldsToManyFieldsIsNotUnfolded() throws Exception {
    try (RawHttp2 attacker = RawHttp2.client(gateway.port())) {
      ByteArrayOutputStream bomb = new ByteArrayOutputStream();
      byte[] field = RawHttp2.block("x-bomb", "y".repeat(3000));
      field[0] = 0x40; // keep it in the table
      bomb.writeBytes(RawHttp2.block(":method", "GET", ":scheme", "http", ":path", "/far"));
      bomb.writeBytes(field);
      for (int i = 0; i < 4000; i++) {
        bomb.write(0x80 | 62); // and repeat it: 12 MB of 7 KB
      }
      attacker.frame(HEADERS, END_HEADERS | END_STREAM, 1, bomb.toByteArray());
      flushUnlessCut(attacker);
      assertCut(attacker, PROTOCOL_ERROR);
    }
    assertThat(reached.get()).isZero();
  }

  @Test
  void whoOpensNoWindowLosesItsRequestsAndTheUpstreamIsFreed() throws Exception {
    shortIdleTimeout();
    try (RawHttp2 attacker = RawHttp2.client(gateway.port(), 4, 0)) {
      for (int i = 0; i < 50; i++) {
        attacker.get(2 * i + 1, "/large");
      }
      attacker.flush();
      Eventually.becomes("all requests have arrived", () -> reached.get() == 50);
      assertNeighbourIsServed();
      Eventually.becomes("no stream is open", () -> open.get() == 0);
      attacker.await(RST_STREAM);
    }
  }

  @Test
  void whoFinishesNoRequestLosesThemAndMayHaveNoMoreThanAHundred() throws Exception {
    shortIdleTimeout();
    try (RawHttp2 attacker = RawHttp2.client(gateway.port())) {
      for (int i = 0; i <= 100; i++) {
        attacker.request(2 * i + 1, "POST", "/far", 0);
      }
      attacker.flush();
      RawHttp2.Frame refused = attacker.await(RST_STREAM);
      assertThat(refused.stream()).isEqualTo(201);
      assertThat(refused.error()).isEqualTo(REFUSED);
      assertNeighbourIsServed();
      Eventually.becomes("no stream is open", () -> open.get() == 0);
    }
    assertThat(reached.get()).isLessThanOrEqualTo(100);
  }

  private void shortIdleTimeout() throws IOException {
    gateway.close();
    gateway = gateway(Duration.ofSeconds(2));
  }

  private interface Frames {
    void add(RawHttp2 attacker);
  }

  private void floodIsCut(Frames frames) throws Exception {
    try (RawHttp2 attacker = RawHttp2.client(gateway.port())) {
      flood(attacker, i -> frames.add(attacker), i -> {});
      assertCut(attacker, CALM);
    }
  }

  /** Sends frames in pairs, each in packets of its own, until the gateway hangs up. */
  private static void flood(RawHttp2 attacker, IntConsumer first, IntConsumer second) {
    try {
      for (int i = 0; i < ATTEMPTS; i++) {
        first.accept(i);
        attacker.flush();
        second.accept(i);
        attacker.flush();
      }
    } catch (IOException cut) {
      // The gateway has hung up.
    }
  }

  private static void flushUnlessCut(RawHttp2 attacker) {
    try {
      attacker.flush();
    } catch (IOException cut) {
      // The gateway has hung up before all of it was written.
    }
  }

  private void assertCut(RawHttp2 attacker, int error) throws Exception {
    attacker.awaitEnd();
    Eventually.becomes("the client is told why", () -> !farewells.isEmpty());
    assertThat(farewells).containsExactly(error);
    farewells.clear();
    assertNeighbourIsServed();
  }

  private void assertNeighbourIsServed() throws IOException {
    assertThat(gateway.get("/near").content()).isEqualTo("ok");
    try (RawHttp2 neighbour = RawHttp2.client(gateway.port())) {
      neighbour.get(1, "/near").flush();
      assertThat(neighbour.await(DATA).payload()).asString().isEqualTo("ok");
    }
  }
}
