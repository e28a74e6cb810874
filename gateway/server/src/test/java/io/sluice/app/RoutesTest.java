package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Routes of a real gateway to upstreams on bare sockets: what reaches whom. */
@Timeout(60)
class RoutesTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @TempDir Path folder;

  private final RawUpstream api = named("api");
  private final RawUpstream files = named("files");

  @AfterEach
  void close() throws IOException {
    api.close();
    files.close();
  }

  @Test
  void eachRequestGoesToTheUpstreamOfItsRoute() throws Exception {
    try (Gateway gateway =
        start(
            """
            routes = [
              { match = "GET /files/**", upstream = files }
              { match { host = "files.example.com" }, upstream = files }
              { match = "/**", upstream = api }
            ]
            """)) {
      assertThat(get(gateway, "/files/a").text()).isEqualTo("files");
      assertThat(get(gateway, "/FILES").text()).isEqualTo("files");
      assertThat(ask(gateway, "POST /files/a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"))
          .isEqualTo("api");
      assertThat(ask(gateway, "GET /x HTTP/1.1\r\nHost: Files.Example.Com\r\n\r\n"))
          .isEqualTo("files");
      assertThat(get(gateway, "/other").text()).isEqualTo("api");
    }
  }

  @Test
  void whatNoRouteCoversIsNotFound() throws Exception {
    try (Gateway gateway = start("routes = [ { match = \"/api/**\", upstream = api } ]")) {
      RawClient.Answer answer = get(gateway, "/other");
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.values("Content-Type")).containsExactly("application/problem+json");
      assertThat(answer.values("RateLimit")).isNotEmpty();
      assertThat(answer.text()).contains("no route of this gateway covers this request");
      assertThat(get(gateway, "/api").status()).isEqualTo(200);
    }
  }

  @Test
  void theShortFormTakesTheRest() throws Exception {
    try (Gateway gateway =
        start(
            "upstream = \"http://127.0.0.1:%d\"".formatted(files.port()),
            "routes = [ { match = \"/api/**\", upstream = api } ]")) {
      assertThat(get(gateway, "/api/a").text()).isEqualTo("api");
      assertThat(get(gateway, "/other").text()).isEqualTo("files");
    }
  }

  @Test
  void aPrefixIsStrippedOffTheCanonicalPath() throws Exception {
    try (Gateway gateway =
        start("routes = [ { match = \"/v1/api/**\", upstream = api, strip-prefix = /v1/api } ]")) {
      assertTarget(gateway, "/v1/api/files/a%20b?q=/v1/api", "/files/a%20b?q=/v1/api");
      assertTarget(gateway, "/V1/%61PI/Files/", "/Files/");
      assertTarget(gateway, "/v1/x/../api/;p=1", "/");
      assertTarget(gateway, "/v1/api", "/");
      assertTarget(gateway, "/v1/api?q", "/?q");
      assertTarget(gateway, "/v1/api/v1/api", "/v1/api");
      assertThat(get(gateway, "/v1/api/../x").status()).isEqualTo(404);
      assertThat(get(gateway, "/v1/api//evil").status()).isEqualTo(400);
    }
  }

  @Test
  void anEncodedSlashPassesWhereItsRouteSaysSo() throws Exception {
    try (Gateway gateway =
        start(
            """
            routes = [
              { match = "/files/*", upstream = files, encoded-slash = pass }
              { match = "/**", upstream = api }
            ]
            """)) {
      assertThat(get(gateway, "/files/a%2fb%25").status()).isEqualTo(200);
      assertThat(files.head()).startsWith("GET /files/a%2Fb%25 HTTP/1.1\r\n");
      assertThat(get(gateway, "/files/a%2fb/c").status()).isEqualTo(400);
      RawClient.Answer refused = get(gateway, "/other/a%2fb");
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.text()).contains("encoded-slash = pass");
      assertThat(api.headsWaiting()).isZero();
    }
  }

  @Test
  void theLimiterReadsThePathThatTheUpstreamReads() throws Exception {
    Files.createDirectories(folder.resolve("policies"));
    Files.writeString(
        folder.resolve("policies/one.conf"),
        "match = \"/files/{name}\"\nlimits = [ { key = path.name, rate = 1/hour } ]");
    try (Gateway gateway =
        start("routes = [ { match = \"/files/**\", upstream = files, encoded-slash = pass } ]")) {
      assertThat(get(gateway, "/files/a%2Fb").status()).isEqualTo(200);
      assertThat(get(gateway, "/files/a%2fb").status()).isEqualTo(429);
      assertThat(get(gateway, "/files/x/../%61%2Fb").status()).isEqualTo(429);
      assertThat(get(gateway, "/files/a%252Fb").status()).isEqualTo(200);
    }
  }

  @Test
  void theWholeExchangeMayBeBounded() throws Exception {
    try (RawUpstream slow =
            RawUpstream.playing(call -> {
              while (call.readHead()) {
                if (call.head().contains("/half")) {
                  call.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                }
                TimeUnit.SECONDS.sleep(30);
              }
            });
        Gateway gateway =
            start(
                "upstreams.slow.urls = [\"http://127.0.0.1:%d\"]".formatted(slow.port()),
                "routes = [ { match = \"/**\", upstream = slow, timeouts { total = 300ms } } ]")) {
      long start = System.nanoTime();
      assertThat(get(gateway, "/none").status()).isEqualTo(504);
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
      try (RawClient client = new RawClient(gateway.port())) {
        client.send("GET /half HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.head()).contains("Content-Length: 10");
        assertThat(client.in().readAllBytes()).hasSizeLessThan(10);
      }
    }
  }

  @Test
  void aReloadChangesRoutesAndAnErrorChangesNothing() throws Exception {
    try (Gateway gateway = start("routes = [ { match = \"/**\", upstream = api } ]")) {
      assertThat(get(gateway, "/").text()).isEqualTo("api");
      write("routes = [ { match = \"/**\", upstream = fiels } ]");
      assertThat(reload(gateway).status()).isEqualTo(422);
      assertThat(get(gateway, "/").text()).isEqualTo("api");
      assertThat(adminGet(gateway, "/admin/policies").text())
          .contains("upstream = fiels: expected api or files; did you mean files?");
      write("routes = [ { match = \"/**\", upstream = files } ]");
      assertThat(reload(gateway).status()).isEqualTo(200);
      assertThat(get(gateway, "/").text()).isEqualTo("files");
    }
  }

  private void assertTarget(Gateway gateway, String asked, String seen) throws Exception {
    assertThat(get(gateway, asked).status()).as(asked).isEqualTo(200);
    assertThat(api.head()).startsWith("GET " + seen + " HTTP/1.1\r\n");
  }

  private static String ask(Gateway gateway, String request) throws IOException {
    return RawClient.ask(gateway.port(), request).text();
  }

  private static RawClient.Answer get(Gateway gateway, String target) throws IOException {
    return RawClient.ask(gateway.port(), "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
  }

  private static RawClient.Answer adminGet(Gateway gateway, String path) throws IOException {
    return RawClient.ask(
        gateway.adminPort(), "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  private static RawClient.Answer reload(Gateway gateway) throws IOException {
    return RawClient.ask(
        gateway.adminPort(),
        "POST /admin/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  }

  private Path write(String... lines) throws IOException {
    Files.createDirectories(folder.resolve("policies"));
    Files.writeString(
        folder.resolve("policies/default.conf"), "limits = [ { key = ip, rate = 1000000/s } ]");
    return Files.writeString(
        folder.resolve("gateway.conf"),
        """
        server { port = 0, host = "127.0.0.1", drain = 1s }
        admin { port = 0 }
        redis { enabled = false }
        access-log { enabled = false }
        policies { directory = policies }
        upstreams { api { urls = ["http://127.0.0.1:%d"] }, files { urls = ["http://127.0.0.1:%d"] } }
        %s
        """
            .formatted(api.port(), files.port(), String.join("\n", lines)));
  }

  private Gateway start(String... lines) throws IOException {
    return Gateway.start(GatewayConfig.load(write(lines), Map.of()));
  }

  private static RawUpstream named(String name) {
    try {
      return RawUpstream.answering(
          OK.replace("Content-Length: 2", "Content-Length: " + name.length())
              .replace("\r\n\r\nok", "\r\n\r\n" + name));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
