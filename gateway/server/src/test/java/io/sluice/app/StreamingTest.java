package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class StreamingTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final int MEGABYTE = 1024 * 1024;
  private static final long LARGE = 100L * MEGABYTE;

  /** Refuses as the limiter will: at once, without a look at the content. */
  private static final Filter REFUSING =
      (request, response, chain) -> {
        HttpServletResponse answer = (HttpServletResponse) response;
        answer.setStatus(429);
        answer.setHeader("Retry-After", "3");
        answer.setContentLength(5);
        answer.getOutputStream().write("later".getBytes(StandardCharsets.US_ASCII));
      };

  @Test
  void eventsArriveWhenTheyAreSent() throws Exception {
    SynchronousQueue<String> events = new SynchronousQueue<>();
    try (RawUpstream upstream = sending(events);
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
      // The head comes before there is any event.
      assertThat(client.head()).contains("text/event-stream");
      for (int i = 0; i < 5; i++) {
        // Each event is sent only when the one before it has arrived.
        events.put("data: " + i + "\n\n");
        assertThat(chunk(client.in())).isEqualTo("data: " + i + "\n\n");
      }
    }
  }

  @Test
  void eventsKeepTheirPace() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
              for (int i = 0; i < 5; i++) {
                call.write("data: " + i + "\n\n");
                TimeUnit.MILLISECONDS.sleep(250);
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
      client.head();
      chunk(client.in());
      long first = System.nanoTime();
      for (int i = 1; i < 5; i++) {
        chunk(client.in());
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - first);
        assertThat(millis).isBetween(i * 250L - 200, i * 250L + 2000);
      }
    }
  }

  @Test
  void eventsArriveWhenTheyAreSentOverHttp2() throws Exception {
    SynchronousQueue<String> events = new SynchronousQueue<>();
    try (RawUpstream upstream = sending(events);
        TestGateway gateway = TestGateway.before(upstream);
        Http2Caller client = new Http2Caller(gateway.port())) {
      Http2Caller.Call call = client.get("/events");
      assertThat(call.head().getStatus()).isEqualTo(200);
      for (int i = 0; i < 5; i++) {
        events.put("data: " + i + "\n\n");
        assertThat(call.chunk()).isEqualTo("data: " + i + "\n\n");
      }
    }
  }

  @Test
  void contentGoesUpAsItComes() throws Exception {
    BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              try {
                while (true) {
                  arrived.add(chunk(call.in()));
                }
              } catch (EOFException last) {
                call.write(OK);
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      assertThat(Wire.values(upstream.head(), "Transfer-Encoding")).containsExactly("chunked");
      for (String part : new String[] {"one", "two", "three"}) {
        client.send(Integer.toHexString(part.length()) + "\r\n" + part + "\r\n");
        assertThat(arrived.poll(10, TimeUnit.SECONDS)).isEqualTo(part);
      }
      client.send("0\r\n\r\n");
      assertThat(client.answer().text()).isEqualTo("ok");
    }
  }

  @Test
  void contentOfAGetGoesUpToo() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream)) {
      assertThat(gateway.ask("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").status())
          .isEqualTo(200);
      assertThat(Wire.values(upstream.head(), "Content-Length")).containsExactly("3");
      assertThat(
              gateway
                  .ask(
                      Wire.head("GET / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked")
                          + "3\r\nabc\r\n0\r\n\r\n")
                  .status())
          .isEqualTo(200);
      assertThat(Wire.values(upstream.head(), "Transfer-Encoding")).containsExactly("chunked");
    }
  }

  @Test
  void http2ContentGoesUpWithAndWithoutALength() throws Exception {
    BlockingQueue<String> bodies = new LinkedBlockingQueue<>();
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                bodies.add(new String(call.readBody(), StandardCharsets.ISO_8859_1));
                call.write(OK);
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        Http2Caller client = new Http2Caller(gateway.port())) {
      HttpFields length = HttpFields.build().add("content-length", "6");
      Http2Caller.Call call = client.call("POST", "/a", length, false);
      call.data("abc", false).data("def", true);
      assertThat(call.head().getStatus()).isEqualTo(200);
      assertThat(call.end()).isEqualTo("end");
      assertThat(bodies.poll(10, TimeUnit.SECONDS)).isEqualTo("abcdef");
      assertThat(Wire.values(upstream.head(), "Content-Length")).containsExactly("6");

      call = client.call("POST", "/b", HttpFields.EMPTY, false).data("ghi", false).data("", true);
      assertThat(call.head().getStatus()).isEqualTo(200);
      assertThat(bodies.poll(10, TimeUnit.SECONDS)).isEqualTo("ghi");
      assertThat(Wire.values(upstream.head(), "Transfer-Encoding")).containsExactly("chunked");

      call = client.get("/c");
      assertThat(call.head().getStatus()).isEqualTo(200);
      assertThat(call.end()).isEqualTo("end");
      assertThat(call.text()).isEqualTo("ok");
      String head = upstream.head();
      assertThat(Wire.values(head, "Host")).containsExactly("api.example.com:" + gateway.port());
      assertThat(head).doesNotContain("Content-Length", "Transfer-Encoding");
    }
  }

  @Test
  void answersWithoutContentStayWithout() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                call.write(
                    switch (call.head().split(" ", 3)[1]) {
                      case "/204" -> "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n";
                      case "/304" ->
                          "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 9\r\n\r\n";
                      case "/head" -> "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
                      default -> "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                    });
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send("GET /204 HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.answer().values("X-A")).containsExactly("1");
      client.send("GET /304 HTTP/1.1\r\nHost: a\r\n\r\n");
      RawClient.Answer notModified = client.answer();
      assertThat(notModified.status()).isEqualTo(304);
      assertThat(notModified.values("Content-Length")).containsExactly("9");
      client.send("HEAD /head HTTP/1.1\r\nHost: a\r\n\r\n");
      RawClient.Answer head = client.answer(false);
      assertThat(head.values("Content-Length")).containsExactly("9");
      client.send("GET /empty HTTP/1.1\r\nHost: a\r\n\r\n");
      RawClient.Answer empty = client.answer();
      assertThat(empty.values("Content-Length")).containsExactly("0");
      assertThat(empty.values("Transfer-Encoding")).isEmpty();
    }
  }

  @Test
  void aHundredMegabytesPassBothWaysInBoundedMemory() throws Exception {
    AtomicLong up = new AtomicLong();
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              up.set(swallow(call.in(), LARGE));
              call.write("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n");
              byte[] megabyte = new byte[MEGABYTE];
              for (long sent = 0; sent < LARGE; sent += MEGABYTE) {
                call.write(megabyte);
              }
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      long before = directMemory();
      client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + LARGE + "\r\n\r\n");
      byte[] megabyte = new byte[MEGABYTE];
      for (long sent = 0; sent < LARGE; sent += MEGABYTE) {
        client.send(megabyte);
      }
      client.head();
      // The client takes its time, so the upstream has to wait.
      TimeUnit.MILLISECONDS.sleep(200);
      assertThat(swallow(client.in(), LARGE)).isEqualTo(LARGE);
      assertThat(up).hasValue(LARGE);
      assertThat(directMemory() - before).isLessThan(16L * MEGABYTE);
    }
  }

  @Test
  void aRefusalIsReadableByAClientThatSendsTenMegabytesRegardless() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream, REFUSING);
        RawClient client = gateway.connect()) {
      int length = 10 * MEGABYTE;
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n");
      client.send(new byte[length]);
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(429);
      assertThat(answer.text()).isEqualTo("later");
      assertThat(client.in().read()).isEqualTo(-1);
      assertThat(upstream.headsWaiting()).isZero();
    }
  }

  @Test
  void aRefusalComesBeforeTheContent() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream, REFUSING);
        RawClient client = gateway.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(429);
    }
  }

  @Test
  void aRefusalOverHttp2EndsWithoutAnError() throws Exception {
    try (RawUpstream upstream = RawUpstream.answering(OK);
        TestGateway gateway = TestGateway.before(upstream, REFUSING);
        Http2Caller client = new Http2Caller(gateway.port())) {
      Http2Caller.Call call = client.call("POST", "/", HttpFields.EMPTY, false);
      assertThat(call.head().getStatus()).isEqualTo(429);
      assertThat(call.end()).isEqualTo("end");
      assertThat(call.text()).isEqualTo("later");
    }
  }

  @Test
  void anEarlyAnswerOfTheUpstreamReachesAClientThatIsStillSending() throws Exception {
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              call.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
              swallow(call.in(), Long.MAX_VALUE);
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + LARGE + "\r\n\r\n");
      client.send(new byte[MEGABYTE]);
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.text()).isEqualTo("big");
      client.send(new byte[4 * MEGABYTE]);
      assertThat(client.in().read()).isEqualTo(-1);
    }
  }

  @Test
  void aSlowUpstreamHoldsTheSendingClientBack() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              call.readHead();
              go.await();
              swallow(call.in(), LARGE);
              call.write(OK);
            });
        TestGateway gateway = TestGateway.before(upstream);
        RawClient client = gateway.connect()) {
      client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + LARGE + "\r\n\r\n");
      AtomicLong sent = new AtomicLong();
      Thread sender =
          new Thread(() -> {
            try {
              for (; sent.get() < LARGE; sent.addAndGet(MEGABYTE)) {
                client.send(new byte[MEGABYTE]);
              }
            } catch (IOException e) {
              sent.set(-1);
            }
          });
      sender.start();
      sender.join(1500);
      assertThat(sent.get()).isLessThan(LARGE / 2);
      go.countDown();
      assertThat(client.answer().text()).isEqualTo("ok");
      sender.join();
      assertThat(sent.get()).isEqualTo(LARGE);
    }
  }

  private static RawUpstream sending(SynchronousQueue<String> events) throws Exception {
    return RawUpstream.playing(call -> {
      call.readHead();
      call.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
      while (true) {
        call.write(events.take());
      }
    });
  }

  /** Reads the content of one chunk, and the line end of the one before it. */
  private static String chunk(InputStream in) throws IOException {
    StringBuilder size = new StringBuilder();
    while (size.toString().isBlank() || size.charAt(size.length() - 1) != '\n') {
      size.append((char) in.read());
    }
    int length = Integer.parseInt(size.toString().strip(), 16);
    if (length == 0) {
      throw new EOFException();
    }
    return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
  }

  private static long swallow(InputStream in, long most) throws IOException {
    byte[] buffer = new byte[65536];
    long total = 0;
    while (total < most) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, most - total));
      if (read < 0) {
        break;
      }
      total += read;
    }
    return total;
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
