package io.sluice.app;

import static io.sluice.http2.RawHttp2.CANCEL;
import static io.sluice.http2.RawHttp2.DATA;
import static io.sluice.http2.RawHttp2.END_STREAM;
import static io.sluice.http2.RawHttp2.GOAWAY;
import static io.sluice.http2.RawHttp2.HEADERS;
import static io.sluice.http2.RawHttp2.INTERNAL_ERROR;
import static io.sluice.http2.RawHttp2.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.http2.RawHttp2;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients of HTTP/2 that are busy or unlucky and mean no harm: they keep their connection. */
@NullMarked
@Timeout(60)
class Http2ClientsTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final Filter REFUSING =
      (request, response, chain) -> {
        if (((HttpServletRequest) request).getMethod().equals("POST")) {
          ((HttpServletResponse) response).setStatus(429);
          response.getOutputStream().write(new byte[100]);
        } else {
          chain.doFilter(request, response);
        }
      };

  @Test
  void aThousandRefusedUploadsKeepTheirConnection() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream, REFUSING);
        RawHttp2 client = RawHttp2.client(gateway.port(), 4, 1 << 20)) {
      Set<Integer> refused = new HashSet<>();
      Set<Integer> reset = new HashSet<>();
      int sent = 0;
      client.window(0, 1 << 24);
      while (refused.size() < 1000) {
        while (sent < 1000 && sent - refused.size() < 20) {
          int stream = 2 * sent++ + 1;
          client.request(stream, "POST", "/upload", 0);
          for (int i = 0; i < 3; i++) {
            client.data(stream, 0, "x".repeat(1000));
          }
        }
        client.flush();
        RawHttp2.Frame frame =
            client.await(f -> f.type() == HEADERS || f.type() == RST_STREAM || f.type() == GOAWAY);
        assertThat(frame.type()).as(frame.toString()).isNotEqualTo(GOAWAY);
        if (frame.type() == RST_STREAM) {
          assertThat(frame.error()).isZero();
          reset.add(frame.stream());
        } else {
          refused.add(frame.stream());
        }
      }
      client.get(2001, "/still").flush();
      assertThat(client.await(f -> f.stream() == 2001 && f.type() == DATA).payload())
          .asString()
          .isEqualTo("ok");
      assertThat(reset).as("uploads that were told to stop").hasSizeGreaterThan(900);
      assertThat(upstream.head()).startsWith("GET /still");
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void aThousandCancelledDownloadsKeepTheirConnectionAndLeaveNothingBehind() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              if (call.head().startsWith("GET /still")) {
                call.write(OK);
              } else {
                call.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegun");
                while (call.in().read() >= 0) {}
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawHttp2 client = RawHttp2.client(gateway.port())) {
      long start = System.nanoTime();
      client.window(0, 1 << 24);
      for (int i = 0; i < 1000; i++) {
        int stream = 2 * i + 1;
        client.get(stream, "/download").flush();
        client.await(f -> f.stream() == stream && f.type() == DATA);
        client.reset(stream, CANCEL);
        // No faster than the budget, which a flood would be.
        while (System.nanoTime() - start < i * TimeUnit.MILLISECONDS.toNanos(6)) {
          Thread.onSpinWait();
        }
      }
      client.get(2001, "/still").flush();
      assertThat(client.await(f -> f.stream() == 2001 && f.type() == DATA).payload())
          .asString()
          .isEqualTo("ok");
      Eventually.becomes(
          "one connection to the upstream is left", () -> upstream.connectionsOpen() <= 1);
    }
  }

  @Test
  void fieldsThatTheClientDoesNotTakeEndOnlyTheirOwnAnswer() throws Exception {
    String large =
        "HTTP/1.1 200 OK\r\nX-Large: " + "y".repeat(9000) + "\r\nContent-Length: 2\r\n\r\nok";
    int maxHeaderListSize = 6;
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                call.write(call.head().startsWith("GET /large") ? large : OK);
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawHttp2 client = RawHttp2.client(gateway.port(), maxHeaderListSize, 8192)) {
      client.get(1, "/large").flush();
      assertThat(client.await(RST_STREAM).error()).isEqualTo(INTERNAL_ERROR);
      client.get(3, "/small").flush();
      assertThat(client.await(DATA).payload()).asString().isEqualTo("ok");
    }
  }

  @Test
  void contentBeyondItsLengthEndsTheRequestUpstream() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              while (call.in().read() >= 0) {}
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawHttp2 client = RawHttp2.client(gateway.port())) {
      String part = "x".repeat(16_000);
      client.request(1, "POST", "/", 0, "content-length", "100000");
      for (int i = 0; i < 5; i++) {
        client.data(1, 0, part); // together more than is gathered before it goes on
      }
      client.flush();
      assertThat(upstream.head()).containsIgnoringCase("Content-Length: 100000");
      client.data(1, 0, part).data(1, END_STREAM, part).flush();
      assertThat(client.await(RST_STREAM).stream()).isEqualTo(1);
      Eventually.becomes(
          "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
    }
  }

  @Test
  void contentWithoutALengthIsPassedOnInChunks() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream);
        RawHttp2 client = RawHttp2.client(gateway.port())) {
      client.request(1, "POST", "/", 0).data(1, 0, "one").data(1, END_STREAM, "two").flush();
      assertThat(client.await(DATA).payload()).asString().isEqualTo("ok");
      assertThat(upstream.head()).containsIgnoringCase("Transfer-Encoding: chunked");
    }
  }
}
