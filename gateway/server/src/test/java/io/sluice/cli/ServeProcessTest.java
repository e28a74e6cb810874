package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.sluice.fixtures.ClosedPort;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FreePort;
import io.sluice.fixtures.JavaProcess;
import io.sluice.sample.SampleApi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The gateway as a process: signals, exit codes, and what its log says. */
@Timeout(180)
class ServeProcessTest {

  private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path folder;

  private final SampleApi api = SampleApi.start("127.0.0.1", 0);
  // Over HTTP/2 the JDK's older clients drop what is under way when a server says goodbye.
  private final HttpClient client =
      HttpClient.newBuilder().version(Version.HTTP_1_1).connectTimeout(LONG).build();
  private Site site;

  @BeforeEach
  void build() {
    site = new Site(folder).settings("upstream = \"http://127.0.0.1:%d\"".formatted(api.port()));
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void hangUpReloadsThePoliciesAndABrokenOneChangesNothing() throws Exception {
    // A link out of the folder, so that nothing but the signal tells of the edit.
    Path real = folder.resolve("elsewhere.conf");
    Path link = folder.resolve("policies/chat.conf");
    Files.move(link, real);
    Files.createSymbolicLink(link, real);
    try (JavaProcess gateway = serve(Map.of())) {
      gateway.await(LISTENING);
      assertThat(limit()).isEqualTo("3");
      site.write(
          "elsewhere.conf", "match = \"/api/chat/**\"\nlimits = [{key = user, rate = 5/hour}]");
      gateway.signal("HUP");
      gateway.await(Pattern.compile("policies reloaded: 1 in force"));
      assertThat(limit()).isEqualTo("5");

      site.write("elsewhere.conf", "match = \"/api/chat/**\"\nlimits = [{key = user, rate = 5}]");
      gateway.signal("HUP");
      gateway.await(Pattern.compile("policies not reloaded, .*chat\\.conf:2: rate = 5"));
      assertThat(limit()).isEqualTo("5");
      assertNoStackTrace(gateway);
    }
  }

  @Test
  void terminationLetsWhatIsUnderWayEndAndThenEndsInOrder() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    HttpServer slow = slowApi(arrived, released);
    site.settings("upstream = \"http://127.0.0.1:%d\"".formatted(slow.getAddress().getPort()))
        .settings("server.drain = 60s");
    try (JavaProcess gateway = serve(Map.of())) {
      gateway.await(LISTENING);
      CompletableFuture<HttpResponse<String>> running =
          client.sendAsync(request("/api/chat"), BodyHandlers.ofString());
      assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();
      gateway.signal("TERM");
      ClosedPort.await(site.port);
      assertThat(gateway.isAlive()).isTrue();
      assertThat(running).isNotDone();
      released.countDown();

      assertThat(running.get(60, TimeUnit.SECONDS).body()).isEqualTo("done");
      assertThat(gateway.exitCode()).isZero();
      assertThat(gateway.printed()).contains("Gateway: stopped");
      assertNoStackTrace(gateway);
    } finally {
      released.countDown();
      slow.stop(0);
    }
  }

  @Test
  void aRequiredRedisThatIsAbsentEndsTheStart() {
    int nobody = FreePort.choose();
    site.settings(
        "redis { enabled = true, required = true, host = 127.0.0.1, port = %d }".formatted(nobody));
    try (JavaProcess gateway = serve(Map.of())) {
      assertThat(gateway.exitCode()).isEqualTo(1);
      assertThat(gateway.printed())
          .contains("sluice: redis://127.0.0.1:" + nobody + "/0 does not work (")
          .contains("redis.required = true: mend it, or set redis.required = false")
          .doesNotContain("io.sluice", "listening");
      assertNoStackTrace(gateway);
    }
    site.assertNothingRuns();
  }

  @Test
  void aRedisThatSpeaksAnotherLanguageIsNamedInOneLineAndLimitsHoldWithoutIt() throws Exception {
    try (Babbler babbler = new Babbler();
        JavaProcess gateway =
            serve(Map.of("REDIS_ENABLED", "true", "REDIS_PORT", babbler.port()))) {
      gateway.await(LISTENING);
      for (int i = 0; i < 3; i++) {
        assertThat(ask("/api/chat").statusCode()).isEqualTo(200);
      }
      assertThat(ask("/api/chat").statusCode()).isEqualTo(429);
      babbler.awaitConnections(3);
      assertThat(ask("/api/chat").statusCode()).isEqualTo(429);
      List<String> said =
          gateway.printed().lines().filter(line -> line.contains(babbler.port())).toList();
      assertThat(said)
          .singleElement()
          .asString()
          .contains("ERROR OutageStore: Redis is away: redis://", "does not answer as Redis does");
      assertNoStackTrace(gateway);
    }
  }

  @Test
  void badInputEndsTheProcessWithASentenceAndACode() throws IOException {
    try (JavaProcess gateway =
        JavaProcess.start(folder, Map.of(), "io.sluice.cli.Main", "serve", "-c", "absent.conf")) {
      assertThat(gateway.exitCode()).isEqualTo(2);
      assertThat(gateway.printed())
          .isEqualTo("absent.conf: does not exist\nsluice: 1 error; nothing was started\n");
    }
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        JavaProcess gateway = serve(Map.of("SLUICE_PORT", "" + taken.getLocalPort()))) {
      assertThat(gateway.exitCode()).isEqualTo(1);
      assertThat(gateway.printed())
          .contains("sluice: cannot listen on 127.0.0.1:" + taken.getLocalPort(), "SLUICE_PORT");
      assertNoStackTrace(gateway);
    }
  }

  private JavaProcess serve(Map<String, String> environment) {
    return JavaProcess.start(
        folder, environment, "io.sluice.cli.Main", "serve", "--config", site.config().toString());
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + site.port + path))
        .timeout(LONG)
        .header("X-User-Id", "alice")
        .build();
  }

  private HttpResponse<String> ask(String path) throws Exception {
    return client.send(request(path), BodyHandlers.ofString());
  }

  private String limit() throws Exception {
    return ask("/api/chat").headers().firstValue("X-RateLimit-Limit").orElse("none");
  }

  private static void assertNoStackTrace(JavaProcess gateway) {
    assertThat(gateway.printed()).doesNotContain("\tat ", "Caused by", "WARNING:");
  }

  /** Answers each once released. */
  private static HttpServer slowApi(CountDownLatch arrived, CountDownLatch released)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext(
        "/",
        exchange -> {
          arrived.countDown();
          try {
            released.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.sendResponseHeaders(200, 4);
          exchange.getResponseBody().write("done".getBytes(StandardCharsets.US_ASCII));
          exchange.close();
        });
    server.start();
    return server;
  }

  /** No Redis: answers in another protocol, and leaves the connection open. */
  private static final class Babbler implements AutoCloseable {

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    Babbler() throws IOException {
      Thread thread = new Thread(this::babble, "babbler");
      thread.setDaemon(true);
      thread.start();
    }

    String port() {
      return Integer.toString(server.getLocalPort());
    }

    void awaitConnections(int count) {
      Eventually.becomes(LONG, "connections: " + count, () -> open.size() >= count);
    }

    private void babble() {
      try {
        while (true) {
          Socket socket = server.accept();
          open.add(socket);
          socket
              .getOutputStream()
              .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException e) {
        // Closed: the test is over.
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    }
  }
}
