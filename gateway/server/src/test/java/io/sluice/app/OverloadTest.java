package io.sluice.app;

import static io.sluice.app.TestGateway.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.upstream.UpstreamSettings;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More requests than the upstream can take: every one is answered, and soon. */
@Timeout(60)
class OverloadTest {

  private static final int CALLERS = 20;
  private static final int REQUESTS_OF_EACH = 100;
  private static final Duration RESPONSE = Duration.ofSeconds(1);
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @Test
  void anUpstreamThatHangsCostsItsClientsATimeOutAndNothingAfterIt() throws Exception {
    CountDownLatch well = new CountDownLatch(1);
    try (RawUpstream upstream =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                well.await();
                call.write(OK);
              }
            });
        TestGateway gateway =
            new TestGateway(TestGateway.server(LONG), settings(upstream.port()), List.of())) {
      List<Http2Caller> callers = new ArrayList<>();
      List<Http2Caller.Call> calls = new ArrayList<>();
      long start = System.nanoTime();
      for (int i = 0; i < CALLERS; i++) {
        Http2Caller caller = new Http2Caller(gateway.port());
        callers.add(caller);
        for (int j = 0; j < REQUESTS_OF_EACH; j++) {
          calls.add(caller.get("/" + i + "/" + j));
        }
      }
      int busy = 0;
      for (Http2Caller.Call call : calls) {
        int status = call.head().getStatus();
        assertThat(status).isIn(503, 504);
        if (status == 503) {
          busy++;
          assertThat(call.head().getHttpFields().get("Retry-After")).isEqualTo("1");
        }
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
      assertThat(busy).as("requests that found no room").isGreaterThan(1_000);

      well.countDown();
      awaitAnswer(gateway);
      callers.forEach(Http2Caller::close);
    }
  }

  /** Within a second, and what a loaded machine adds. */
  private static void awaitAnswer(TestGateway gateway) throws Exception {
    Eventually.becomes(
        Duration.ofSeconds(3), "it has recovered", () -> gateway.get("/after").status() == 200);
  }

  private static UpstreamSettings settings(int port) {
    return new UpstreamSettings(
        URI.create("http://127.0.0.1:" + port), LONG, RESPONSE, RESPONSE, 50, 200);
  }
}
