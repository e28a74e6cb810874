package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers that die and come back, and routes that change, while requests come without a pause. */
@Timeout(120)
class UpstreamsUnderLoadTest {

  @TempDir Path folder;

  @Test
  void noGetFailsWhenAServerIsKilledAndComesBack() throws Exception {
    killAndRevive("");
  }

  @Test
  void noGetFailsWhenAServerThatIsAskedIsKilledAndComesBack() throws Exception {
    killAndRevive("health { path = /health, interval = 200ms, timeout = 200ms }");
  }

  private void killAndRevive(String health) throws Exception {
    try (PlainServer one = new PlainServer("one");
        PlainServer two = new PlainServer("two");
        Gateway gateway = start(one, two, health);
        Load load = new Load(gateway.port())) {
      Eventually.becomes("both serve", () -> one.served.get() > 200 && two.served.get() > 200);
      one.kill();
      load.goOn(1000);
      assertThat(admin(gateway, "/admin/upstreams")).contains("\"healthy\" : false");
      assertThat(admin(gateway, "/metrics"))
          .contains("sluice_upstream_healthy_servers{upstream=\"api\"} 1\n")
          .contains("sluice_upstream_servers{upstream=\"api\"} 2\n");
      long before = one.served.get();
      one.revive();
      Eventually.becomes("the dead serves again", () -> one.served.get() > before + 200);
      Eventually.becomes(
          "it is healthy again",
          () -> !admin(gateway, "/admin/upstreams").contains("\"healthy\" : false"));
      load.goOn(200);
      assertThat(load.outcomes).containsOnlyKeys("200 one", "200 two");
    }
  }

  @Test
  void noRequestFailsWhileRoutesAndUpstreamsAreReloaded() throws Exception {
    try (PlainServer one = new PlainServer("one");
        PlainServer two = new PlainServer("two");
        Gateway gateway = start(one, one, "");
        Load load = new Load(gateway.port())) {
      load.goOn(200);
      for (int i = 0; i < 10; i++) {
        PlainServer now = i % 2 == 0 ? two : one;
        write(now, now, i % 4 < 2 ? "" : "connections = 100");
        reload(gateway);
        long before = now.served.get();
        Eventually.becomes("the new one serves", () -> now.served.get() > before + 100);
      }
      assertThat(load.outcomes).containsOnlyKeys("200 one", "200 two");
      Eventually.becomes("nothing is left of the old ones", () -> two.open() == 0);
      int kept = one.open();
      reload(gateway);
      load.goOn(100);
      assertThat(one.open()).as("unchanged upstreams keep connections").isLessThanOrEqualTo(kept);
    }
  }

  private Gateway start(PlainServer one, PlainServer two, String more) throws IOException {
    return Gateway.start(GatewayConfig.load(write(one, two, more), Map.of()));
  }

  private Path write(PlainServer one, PlainServer two, String more) throws IOException {
    Files.createDirectories(folder.resolve("policies"));
    Files.writeString(folder.resolve("policies/default.conf"), "limits = []");
    return Files.writeString(
        folder.resolve("gateway.conf"),
        """
        server { port = 0, host = "127.0.0.1", drain = 1s }
        admin { port = 0 }
        redis { enabled = false }
        access-log { enabled = false }
        policies { directory = policies }
        upstreams {
          api { urls = ["http://127.0.0.1:%d", "http://127.0.0.1:%d"], %s }
        }
        routes = [ { match = "/**", upstream = api, timeouts { connect = 20s } } ]
        """
            .formatted(one.port(), two.port(), more));
  }

  private static String admin(Gateway gateway, String path) {
    try {
      return RawClient.ask(
              gateway.adminPort(), "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
          .text();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void reload(Gateway gateway) throws IOException {
    String request = "POST /admin/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    assertThat(RawClient.ask(gateway.adminPort(), request).status()).isEqualTo(200);
  }

  /** Clients that ask again and again on connections of their own. */
  private static final class Load implements AutoCloseable {

    private static final int CLIENTS = 8;

    final Map<String, AtomicLong> outcomes = new ConcurrentHashMap<>();
    private final AtomicLong done = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    Load(int port) {
      for (int i = 0; i < CLIENTS; i++) {
        Thread thread = new Thread(() -> ask(port), "load");
        threads.add(thread);
        thread.start();
      }
    }

    void goOn(int requests) {
      long from = done.get();
      Eventually.becomes(requests + " more are done", () -> done.get() >= from + requests);
    }

    private void ask(int port) {
      while (!stopped) {
        try (RawClient client = new RawClient(port)) {
          while (!stopped) {
            client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
            RawClient.Answer answer = client.answer();
            count(answer.status() + " " + answer.text());
          }
        } catch (IOException e) {
          count(e.toString());
        }
      }
    }

    private void count(String outcome) {
      outcomes.computeIfAbsent(outcome, o -> new AtomicLong()).incrementAndGet();
      done.incrementAndGet();
    }

    @Override
    public void close() {
      stopped = true;
      try {
        for (Thread thread : threads) {
          thread.join();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
