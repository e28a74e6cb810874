package io.sluice.app;

import static io.sluice.app.TestGateway.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.http2.RawHttp2;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Requests of HTTP/2 that end while a thread of the gateway takes them up, when Jetty tells nobody
 * but who has listened before: no upstream works for them.
 */
@Timeout(60)
class CancelledEarlyTest {

  /** Less than the upstream's time for an answer, which would end it too. */
  private static final Duration PROMPTLY = Duration.ofSeconds(10);

  private static final String BYE =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
  private static final int WIDEST_WINDOW = Integer.MAX_VALUE;

  /** How a request comes to its end. */
  enum End {
    CANCELLED_BY_THE_CLIENT,
    RESET_FOR_THE_CLIENTS_FAULT;

    void of(RawHttp2 client) throws IOException {
      if (this == CANCELLED_BY_THE_CLIENT) {
        client.reset(1, RawHttp2.CANCEL).flush();
      } else {
        client.window(1, WIDEST_WINDOW).flush();
      }
    }
  }

  private final CountDownLatch taken = new CountDownLatch(1);
  private final CountDownLatch failed = new CountDownLatch(1);
  private final CountDownLatch passed = new CountDownLatch(1);
  private final RawUpstream upstream;

  CancelledEarlyTest() throws IOException {
    upstream =
        RawUpstream.playing(call -> {
          call.readHead();
          if (call.head().startsWith("GET /near")) {
            call.write(BYE);
          } else {
            while (call.in().read() >= 0) {}
          }
        });
  }

  @AfterEach
  void stop() throws IOException {
    upstream.close();
  }

  @ParameterizedTest
  @EnumSource
  void aRequestThatEndsBeforeItIsForwardedIsNotAwaited(End end) throws Exception {
    Filter slow =
        (request, response, chain) -> {
          taken.countDown();
          await(failed);
          chain.doFilter(request, response);
        };
    assertNothingIsLeftAfter(end, slow);
  }

  @ParameterizedTest
  @EnumSource
  void aRequestThatEndsWhileItIsBeingForwardedIsNotAwaited(End end) throws Exception {
    Filter slow =
        (request, response, chain) -> {
          chain.doFilter(request, response);
          Eventually.becomes("the upstream works for it", () -> upstream.headsWaiting() > 0);
          taken.countDown();
          await(failed);
        };
    assertNothingIsLeftAfter(end, slow);
  }

  /**
   * Has the first request end while the filter holds it.
   *
   * @param slow counts the request as taken, and waits until it has failed
   */
  private void assertNothingIsLeftAfter(End end, Filter slow) throws Exception {
    Filter first =
        (request, response, chain) -> {
          if (taken.getCount() > 0) {
            ServletContextRequest.getServletContextRequest(request)
                .addFailureListener(failure -> failed.countDown());
            slow.doFilter(request, response, chain);
            passed.countDown();
          } else {
            chain.doFilter(request, response);
          }
        };
    try (TestGateway gateway = gateway(first);
        RawHttp2 client = RawHttp2.client(gateway.port())) {
      client.get(1, "/far").flush();
      await(taken);
      end.of(client);
      await(passed);
      client.get(3, "/near").flush();
      assertThat(client.await(frame -> frame.type() == RawHttp2.DATA && frame.stream() == 3))
          .isNotNull();
      Eventually.becomes(
          PROMPTLY, "no connection to the upstream is left", () -> upstream.connectionsOpen() == 0);
    }
  }

  /** The shortcuts would serve requests on the very thread that reads of their end. */
  private TestGateway gateway(Filter filter) throws IOException {
    return new TestGateway(
        new ServerSettings("127.0.0.1", 0, LONG, 8192, 100, Duration.ofSeconds(2), Shortcuts.NONE),
        TestGateway.upstream(upstream.port(), LONG, LONG),
        List.of(filter));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
