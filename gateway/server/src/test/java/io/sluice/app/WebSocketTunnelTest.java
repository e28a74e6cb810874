package io.sluice.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.fixtures.Eventually;
import io.sluice.request.Exchange;
import io.sluice.websocket.WebSocketSettings;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tunnel does with peers that no library can be made to be. */
@NullMarked
@Timeout(60)
class WebSocketTunnelTest {

  private static final Duration SHORT = Duration.ofMillis(400);
  private static final WebSocketSettings SOON_IDLE =
      new WebSocketSettings(SHORT, TestGateway.LONG, 10);
  private static final WebSocketSettings SOON_STALLED =
      new WebSocketSettings(TestGateway.LONG, Duration.ofSeconds(1), 10);

  private final BlockingQueue<String> atUpstream = new LinkedBlockingQueue<>();

  /** Notes each frame that reaches an upstream, and how the connection ended. */
  private void hear(InputStream in) {
    try {
      while (true) {
        Frames.Frame frame = Frames.read(in);
        atUpstream.add(frame.opcode() == Frames.CLOSE ? "close " + frame.code() : frame.payload());
      }
    } catch (EOFException e) {
      atUpstream.add("end");
    } catch (IOException e) {
      atUpstream.add("reset");
    }
  }

  private String heard() throws InterruptedException {
    String event = atUpstream.poll(10, TimeUnit.SECONDS);
    assertThat(event).as("what came to the upstream").isNotNull();
    return String.valueOf(event);
  }

  private RawUpstream hearing(String behind) throws IOException {
    return RawUpstream.playing(call -> {
      call.readHead();
      call.write(Frames.accepting() + behind);
      hear(call.in());
    });
  }

  private static String octets(byte[] frame) {
    return new String(frame, ISO_8859_1);
  }

  private static void assertEnded(RawClient client) throws IOException {
    try {
      assertThat(client.in().read()).as("nothing but the end").isEqualTo(-1);
    } catch (SocketException reset) {
      // As good as an end: no Close frame has come.
    }
  }

  @Test
  void octetsBehindTheUpstreamsAgreementAreNotLost() throws Exception {
    String early = octets(Frames.text("one", false)) + octets(Frames.text("2".repeat(9000), false));
    try (RawUpstream upstream = hearing(early);
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL)) {
      try (RawClient client = house.open()) {
        assertThat(Frames.read(client.in()).payload()).isEqualTo("one");
        assertThat(Frames.read(client.in()).payload()).hasSize(9000);
      }
      assertThat(heard()).isEqualTo("end");
      house.assertNothingIsLeft();
    }
  }

  @Test
  void octetsBehindTheClientsOpeningAreNotLost() throws Exception {
    try (RawUpstream upstream = hearing("");
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL)) {
      try (RawClient client = house.gateway().connect()) {
        client.send(
            Frames.opening("/")
                + octets(Frames.text("one", true))
                + octets(Frames.text("2".repeat(7000), true)));
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        assertThat(heard()).isEqualTo("one");
        assertThat(heard()).hasSize(7000);
        client.send(Frames.text("three", true));
        assertThat(heard()).isEqualTo("three");
      }
      assertThat(heard()).isEqualTo("end");
      house.assertNothingIsLeft();
    }
  }

  @Test
  void whatComesWhileTheUpstreamThinksIsNotLost() throws Exception {
    CountDownLatch sent = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              sent.await();
              call.write(Frames.accepting());
              hear(call.in());
            });
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL);
        RawClient client = house.gateway().connect()) {
      client.send(Frames.opening("/"));
      upstream.head();
      client.send(Frames.text("early", true));
      sent.countDown();
      assertThat(client.head()).startsWith("HTTP/1.1 101 ");
      assertThat(heard()).isEqualTo("early");
    }
  }

  /** A client that is kept waiting is watched for its leaving, by reading. */
  @ParameterizedTest
  @ValueSource(longs = {0, 700})
  void whatComesBeforeALateAgreementIsNotLost(long millis) throws Exception {
    CountDownLatch due = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              due.await();
              call.write(Frames.accepting());
              hear(call.in());
            });
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL)) {
      try (RawClient client = house.gateway().connect()) {
        client.send(Frames.opening("/"));
        upstream.head();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
        client.send(Frames.text("early", true)).send(Frames.text("2".repeat(5000), true));
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(900 - millis));
        due.countDown();
        assertThat(client.head()).startsWith("HTTP/1.1 101 ");
        client.send(Frames.text("late", true));
        assertThat(heard()).isEqualTo("early");
        assertThat(heard()).hasSize(5000);
        assertThat(heard()).isEqualTo("late");
      }
      assertThat(heard()).isEqualTo("end");
      house.assertNothingIsLeft();
    }
  }

  @Test
  void aLateAgreementOpensATunnel() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(900));
              call.write(Frames.accepting());
              hear(call.in());
            });
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL)) {
      try (RawClient client = house.open()) {
        client.send(Frames.text("one", true));
        assertThat(heard()).isEqualTo("one");
      }
      assertThat(heard()).isEqualTo("end");
      house.assertNothingIsLeft();
    }
  }

  @Test
  void aResetByTheClientEndsTheUpstreamAtOnce() throws Exception {
    Eavesdropper listener = new Eavesdropper();
    try (RawUpstream upstream = hearing("");
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL, listener)) {
      RawClient client = house.open();
      client.send(Frames.text("one", true));
      assertThat(heard()).isEqualTo("one");
      client.reset();
      assertThat(heard()).matches("end|reset");
      house.assertNothingIsLeft();
      assertThat(listener.heard().end().end()).isEqualTo(Exchange.End.CLIENT_GONE);
    }
  }

  @Test
  void aResetByTheUpstreamEndsTheClientWithoutACloseFrame() throws Exception {
    Eavesdropper listener = new Eavesdropper();
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(Frames.accepting());
              Frames.read(call.in());
              call.reset();
            });
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL, listener);
        RawClient client = house.open()) {
      client.send(Frames.text("go", true));
      assertEnded(client);
      house.assertNothingIsLeft();
      assertThat(listener.heard().end().end()).isEqualTo(Exchange.End.UPSTREAM_BROKE);
    }
  }

  @Test
  void anUpstreamThatHangsUpWithoutGoodbyeIsNotGivenOne() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(Frames.accepting() + octets(Frames.text("last", false)));
            });
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL);
        RawClient client = house.open()) {
      assertThat(Frames.read(client.in()).payload()).isEqualTo("last");
      assertEnded(client);
      house.assertNothingIsLeft();
    }
  }

  @Test
  void aClientThatClosesAndEndsItsSideStillGetsTheAnswer() throws Exception {
    Eavesdropper listener = new Eavesdropper();
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(Frames.accepting());
              assertThat(Frames.read(call.in()).code()).isEqualTo(1000);
              atUpstream.add("read to " + call.in().read());
              call.write(Frames.text("late", false));
              call.write(Frames.close(1000, false));
            });
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL, listener);
        RawClient client = house.open()) {
      client.send(Frames.close(1000, true));
      client.socket().shutdownOutput();
      assertThat(heard()).isEqualTo("read to -1");
      assertThat(Frames.read(client.in()).payload()).isEqualTo("late");
      assertThat(Frames.read(client.in()).code()).isEqualTo(1000);
      assertEnded(client);
      house.assertNothingIsLeft();
      Exchange.Outcome outcome = listener.heard().end();
      assertThat(outcome.end()).isEqualTo(Exchange.End.COMPLETED);
      assertThat(outcome.contentBytes()).isEqualTo(6 + 4);
    }
  }

  @Test
  void silenceEndsBothSidesWithGoodbye() throws Exception {
    try (RawUpstream upstream = hearing("");
        SocketHouse house = new SocketHouse(upstream.port(), SOON_IDLE);
        RawClient client = house.open()) {
      long began = System.nanoTime();
      Frames.Frame close = Frames.read(client.in());
      assertThat(System.nanoTime() - began).isGreaterThan(SHORT.toNanos() / 2);
      assertThat(close.opcode()).isEqualTo(Frames.CLOSE);
      assertThat(close.code()).isEqualTo(1001);
      assertThat(heard()).isEqualTo("close 1001");
      client.send(Frames.close(1001, true));
      client.socket().shutdownOutput();
    }
  }

  @Test
  void trafficInOneDirectionKeepsBothAlive() throws Exception {
    try (RawUpstream upstream = hearing("");
        SocketHouse house = new SocketHouse(upstream.port(), SOON_IDLE);
        RawClient client = house.open()) {
      long end = System.nanoTime() + 4 * SHORT.toNanos();
      while (System.nanoTime() < end) {
        client.send(Frames.text("tick", true));
        assertThat(heard()).isEqualTo("tick");
        LockSupport.parkNanos(SHORT.toNanos() / 8);
      }
      client.send(Frames.close(1000, true));
      assertThat(heard()).isEqualTo("close 1000");
    }
  }

  @Test
  void aClientThatTakesNothingStallsItsSenderAndIsCutOff() throws Exception {
    AtomicLong written = new AtomicLong();
    try (RawUpstream upstream = flooding(written);
        SocketHouse house = new SocketHouse(upstream.port(), SOON_STALLED);
        RawClient client = house.open()) {
      Eventually.becomes("no tunnel is open", () -> house.tunnels().open() == 0);
      assertThat(house.buffers().getDirectByteBufferCount()).isLessThanOrEqualTo(2);
      // What is not in our buffer is in the sockets'.
      assertThat(written.get()).isLessThan(32L * 1024 * 1024);
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
      long octets = client.in().skip(Long.MAX_VALUE);
      assertThat(octets).isLessThanOrEqualTo(written.get());
    } catch (SocketException reset) {
      // The client was cut off in the middle of what it had not read.
    }
  }

  /** Writes without end, counting what was taken. */
  private static RawUpstream flooding(AtomicLong written) throws IOException {
    byte[] frame = Frames.frame(0x82, new byte[64 * 1024], false);
    return RawUpstream.playing(call -> {
      call.readHead();
      call.write(Frames.accepting());
      while (true) {
        call.write(frame);
        written.addAndGet(frame.length);
      }
    });
  }

  @Test
  void aSlowReaderStallsItsSenderAndGetsEverythingInOrder() throws Exception {
    int frames = 1024;
    int length = 64 * 1024;
    AtomicLong written = new AtomicLong();
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(Frames.accepting());
              for (int i = 0; i < frames; i++) {
                byte[] payload = new byte[length];
                Arrays.fill(payload, (byte) i);
                call.write(Frames.frame(0x82, payload, false));
                written.addAndGet(length);
              }
              call.write(Frames.close(1000, false));
              hear(call.in());
            });
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL);
        RawClient client = house.open()) {
      awaitStandstill(written);
      assertThat(written.get()).isLessThan(32L * 1024 * 1024);
      assertThat(house.buffers().getDirectByteBufferCount()).isLessThanOrEqualTo(2);
      for (int i = 0; i < frames; i++) {
        String payload = Frames.read(client.in()).payload();
        assertThat(payload).hasSize(length);
        char expected = (char) (i & 0xff);
        assertThat(payload.chars().allMatch(c -> c == expected)).as("frame %d", i).isTrue();
      }
      assertThat(Frames.read(client.in()).code()).isEqualTo(1000);
      client.send(Frames.close(1000, true));
      assertThat(heard()).isEqualTo("close 1000");
    }
  }

  /** Waits until a number has not changed for a while. */
  private static void awaitStandstill(AtomicLong number) {
    long[] last = {-1, System.nanoTime()};
    Eventually.becomes(
        "the sender stands still",
        () -> {
          if (number.get() != last[0]) {
            last[0] = number.get();
            last[1] = System.nanoTime();
          }
          return last[0] > 0 && System.nanoTime() - last[1] > 500_000_000L;
        });
  }

  @Test
  void anUpstreamThatTakesNothingIsCutOffToo() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(Frames.accepting());
              over.await();
            });
        SocketHouse house = new SocketHouse(upstream.port(), SOON_STALLED);
        RawClient client = house.open()) {
      byte[] frame = Frames.frame(0x82, new byte[64 * 1024], true);
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1024; i++) {
                  client.send(frame);
                }
              })
          .isInstanceOf(SocketException.class);
      house.assertNothingIsLeft();
      over.countDown();
    }
  }

  @Test
  void aStopSaysGoodbyeBetweenTwoFrames() throws Exception {
    byte[] frame = Frames.text("whole", false);
    CountDownLatch half = new CountDownLatch(1);
    CountDownLatch rest = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(Frames.accepting());
              call.write(Arrays.copyOf(frame, 4));
              half.await();
              rest.await();
              call.write(Arrays.copyOfRange(frame, 4, frame.length));
              call.write(Frames.text("too late", false));
              hear(call.in());
            });
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL);
        RawClient client = house.open()) {
      assertThat(client.in().read()).isEqualTo(frame[0] & 0xff);
      half.countDown();
      house.tunnels().close(Duration.ofSeconds(10));
      var ended = house.tunnels().ended();
      rest.countDown();
      assertThat(heard()).isEqualTo("close 1001");
      byte[] others = client.in().readNBytes(frame.length - 1);
      assertThat(others).isEqualTo(Arrays.copyOfRange(frame, 1, frame.length));
      Frames.Frame close = Frames.read(client.in());
      assertThat(close.opcode()).isEqualTo(Frames.CLOSE);
      assertThat(close.code()).isEqualTo(1001);
      assertThat(ended).isNotDone();
      assertThat(house.gateway().ask(Frames.opening("/")).status()).isEqualTo(503);
      client.send(Frames.close(1001, true));
      client.socket().shutdownOutput();
    }
  }

  @Test
  void aStopEndsWhenBothSidesHaveClosed() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write(Frames.accepting());
              atUpstream.add("close " + Frames.read(call.in()).code());
              call.write(Frames.close(1001, false));
              hear(call.in());
            });
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL);
        RawClient client = house.open()) {
      house.tunnels().close(Duration.ofMinutes(1));
      var ended = house.tunnels().ended();
      assertThat(Frames.read(client.in()).code()).isEqualTo(1001);
      client.send(Frames.close(1001, true));
      assertEnded(client);
      ended.get(10, TimeUnit.SECONDS);
      assertThat(heard()).isEqualTo("close 1001");
      assertThat(heard()).matches("end|reset");
    }
  }

  @Test
  void aStopDoesNotWaitForThoseWhoDoNotAnswer() throws Exception {
    try (RawUpstream upstream = hearing("");
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL);
        RawClient client = house.open()) {
      house.tunnels().close(Duration.ofMillis(200));
      var ended = house.tunnels().ended();
      ended.get(10, TimeUnit.SECONDS);
      assertThat(Frames.read(client.in()).code()).isEqualTo(1001);
      assertEnded(client);
    }
  }

  @Test
  void aClosingServerTellsItsTunnels() throws Exception {
    try (RawUpstream upstream = hearing("");
        SocketHouse house = new SocketHouse(upstream.port(), SocketHouse.USUAL);
        RawClient client = house.open()) {
      Thread closing = new Thread(house.gateway()::close, "closing");
      closing.start();
      assertThat(Frames.read(client.in()).code()).isEqualTo(1001);
      assertThat(heard()).isEqualTo("close 1001");
      client.socket().close();
      closing.join(20_000);
      assertThat(closing.isAlive()).isFalse();
    }
  }
}
