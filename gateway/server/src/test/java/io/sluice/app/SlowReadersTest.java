package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.proxy.ClientCut;
import io.sluice.upstream.Pace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that do not take their answers. */
@Timeout(60)
final class SlowReadersTest {

  private static final int LARGE = 4 << 20;

  /** What sockets take before they have to wait. */
  private static final int NARROW = 16 * 1024;

  private final PatientGateway.Bounds bounds = new PatientGateway.Bounds();
  private final List<Socket> sockets = new ArrayList<>();

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @Test
  void anAnswerThatIsNotTakenIsCutAndItsConnectionToTheUpstreamClosed() throws Exception {
    bounds.pace = new Pace(50_000, Duration.ofMillis(800));
    try (RawUpstream upstream = upstream();
        PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      ask(gateway, "/large");
      Eventually.becomes(
          "the slow reader is cut off", () -> gateway.cuts.contains(ClientCut.SLOW_ANSWER));
      Eventually.becomes(
          "no connection is left on either side",
          () -> gateway.connections() == 0 && upstream.connectionsOpen() == 0);
      assertThat(gateway.slow().stalledAnswers()).isZero();
      assertThat(gateway.slow().gathered()).isZero();
    }
  }

  @Test
  void anAnswerThatIsTakenInTimeIsNotCut() throws Exception {
    bounds.pace = new Pace(50_000, Duration.ofMillis(800));
    bounds.sendBuffer = NARROW;
    try (RawUpstream upstream = upstream();
        PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      Socket client = ask(gateway, "/large", 64 * 1024);
      byte[] buffer = new byte[100_000];
      long octets = 0;
      for (int read = 0; read >= 0 && octets < LARGE; read = client.getInputStream().read(buffer)) {
        octets += read;
        TimeUnit.MILLISECONDS.sleep(10);
      }
      assertThat(octets).isGreaterThanOrEqualTo(LARGE);
      assertThat(gateway.slow().everStalled()).isOne();
      assertThat(gateway.cuts).isEmpty();
      Eventually.becomes("no answer is stalled", () -> gateway.slow().stalledAnswers() == 0);
    }
  }

  @Test
  void theSystemHoldsNoMoreOfAnAnswerThanItIsAllowedTo() throws Exception {
    bounds.sendBuffer = 64 * 1024;
    try (RawUpstream upstream = upstream();
        PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      ask(gateway, "/large");
      Eventually.becomes("an answer is stalled", () -> gateway.slow().stalledAnswers() == 1);
      assertThat(gateway.server().server().getConnectors()[0].getConnectedEndPoints())
          .singleElement()
          .satisfies(client -> {
            SocketChannel socket = (SocketChannel) client.getTransport();
            // Linux doubles it, for what it needs itself.
            assertThat(socket.getOption(StandardSocketOptions.SO_SNDBUF))
                .isBetween(64 * 1024, 128 * 1024);
          });
    }
  }

  @Test
  void theRestOfAnAnswerIsTakenOffTheUpstreamWhenItIsSmall() throws Exception {
    bounds.upstreamConnections = 1;
    bounds.ahead = 1 << 20;
    bounds.sendBuffer = NARROW;
    for (String path : List.of("/small", "/chunks")) {
      try (RawUpstream upstream = upstream();
          PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
        Socket client = ask(gateway, path);
        Eventually.becomes("a body is being gathered", () -> gateway.slow().gathered() > 0);
        assertThat(gateway.get().status()).isEqualTo(200);
        assertThat(gateway.cuts).isEmpty();
        String head = Wire.readHead(client.getInputStream());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        assertThat(Wire.readBody(client.getInputStream(), Objects.requireNonNull(head), all))
            .isTrue();
        assertThat(all.toString(StandardCharsets.US_ASCII).equals(letters(500_000))).isTrue();
        Eventually.becomes("no answer is stalled", () -> gateway.slow().stalledAnswers() == 0);
        assertThat(gateway.slow().gathered()).isZero();
      }
    }
  }

  @Test
  void anAnswerThatStandsStillGivesWayToRequestsThatWait() throws Exception {
    bounds.upstreamConnections = 2;
    try (RawUpstream upstream = upstream();
        PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      ask(gateway, "/large");
      ask(gateway, "/large");
      Eventually.becomes("2 answers are stalled", () -> gateway.slow().stalledAnswers() == 2);
      assertThat(gateway.get().status()).isEqualTo(200);
      Eventually.becomes("a client is cut off", () -> gateway.cuts.size() >= 1);
      assertThat(gateway.cuts).containsExactly(ClientCut.PRESSURE);
    }
  }

  @Test
  void aStreamOfHttp2ThatStandsStillGivesWayAndOthersOfItsConnectionStay() throws Exception {
    bounds.upstreamConnections = 1;
    try (RawUpstream upstream = upstream();
        PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      HTTP2Client client = new HTTP2Client();
      client.setInitialStreamRecvWindow(65_535);
      client.start();
      try {
        Session session =
            client
                .connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()),
                    new Session.Listener() {})
                .get(10, TimeUnit.SECONDS);
        HttpURI uri = HttpURI.from("http://a/large");
        MetaData.Request request =
            new MetaData.Request("GET", uri, HttpVersion.HTTP_2, HttpFields.EMPTY);
        session
            .newStream(new HeadersFrame(request, null, true), new TakesNothing())
            .get(10, TimeUnit.SECONDS);
        Eventually.becomes("an answer is stalled", () -> gateway.slow().stalledAnswers() == 1);
        assertThat(gateway.get().status()).isEqualTo(200);
        Eventually.becomes("a client is cut off", () -> gateway.cuts.size() >= 1);
        assertThat(gateway.cuts).containsExactly(ClientCut.PRESSURE);
        // That of the other request may still be on its way out.
        Eventually.becomes("one client is connected", () -> gateway.connections() == 1);
      } finally {
        client.stop();
      }
    }
  }

  @Test
  void answersThatAreTakenAtOnceAreNotWatched() throws Exception {
    try (RawUpstream upstream = upstream();
        PatientGateway gateway = PatientGateway.before(upstream, bounds);
        Http2Caller caller = new Http2Caller(gateway.port())) {
      for (int i = 0; i < 100; i++) {
        assertThat(gateway.get().status()).isEqualTo(200);
        Http2Caller.Call call = caller.get("/");
        assertThat(call.end()).isEqualTo("end");
      }
      assertThat(gateway.slow().everStalled()).isZero();
    }
  }

  @Test
  void memoryIsBoundedWhileManyClientsTakeNothing() throws Exception {
    bounds.upstreamConnections = 400;
    bounds.sendBuffer = 64 * 1024; // so that the system cannot take all of an answer
    try (RawUpstream upstream = upstream();
        PatientGateway gateway = PatientGateway.before(upstream, bounds)) {
      assertThat(gateway.get().status()).isEqualTo(200);
      long before = directOctets();
      for (int i = 0; i < 300; i++) {
        ask(gateway, "/large");
      }
      Eventually.becomes("300 answers are stalled", () -> gateway.slow().stalledAnswers() == 300);
      assertThat(directOctets() - before).isLessThan(300L * 96 * 1024);
      assertThat(gateway.slow().gathered()).isLessThan(300L * 64 * 1024);
      assertThat(gateway.get().status()).isEqualTo(200);
    }
  }

  private static final class TakesNothing implements Stream.Listener {

    @Override
    public void onHeaders(Stream stream, HeadersFrame frame) {
      stream.demand();
    }

    @Override
    public void onDataAvailable(Stream stream) {
      // Its window stays closed.
    }
  }

  private static long directOctets() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /** Asks, and takes nothing of the answer yet. */
  private Socket ask(PatientGateway gateway, String path) throws IOException {
    return ask(gateway, path, 4096);
  }

  private Socket ask(PatientGateway gateway, String path, int window) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(window);
    socket.setSoTimeout(20_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()));
    sockets.add(socket);
    String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static RawUpstream upstream() throws IOException {
    return RawUpstream.playing(call -> {
      while (call.readHead()) {
        String head = call.head();
        if (head.startsWith("GET /large ")) {
          call.write(Wire.head("HTTP/1.1 200 OK", "Content-Length: " + LARGE));
          // In small pieces, because the thread of each keeps memory for the largest.
          for (int i = 0; i < LARGE; i += 8192) {
            call.write(new byte[8192]);
          }
        } else if (head.startsWith("GET /small ")) {
          call.write(Wire.head("HTTP/1.1 200 OK", "Content-Length: 500000"));
          call.write(letters(500_000));
        } else if (head.startsWith("GET /chunks ")) {
          call.write(Wire.head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"));
          call.write(Integer.toHexString(500_000) + "\r\n" + letters(500_000) + "\r\n");
          call.write("0\r\n\r\n");
        } else {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
      }
    });
  }

  private static String letters(int length) {
    StringBuilder letters = new StringBuilder(length);
    for (int i = 0; letters.length() < length; i++) {
      letters.append(i).append(' ');
    }
    return letters.substring(0, length);
  }
}
