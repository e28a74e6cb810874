package io.sluice.acceptance;

import io.sluice.app.Gateway;
import io.sluice.app.GatewayConfig;
import io.sluice.sample.SampleApi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Real gateways in front of a sample API, with files of the test's own in a folder. */
final class House implements AutoCloseable {

  static final Duration LONG = Duration.ofSeconds(30);

  private final Path folder;
  private final SampleApi api = SampleApi.start("127.0.0.1", 0);
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(LONG).build();
  private final Deque<Gateway> gateways = new ArrayDeque<>();

  /** Begins with the shipped chat policy and default, trusting loopback. */
  House(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder.resolve("config"));
    Files.createDirectories(folder.resolve("policies"));
    policy("chat", "match = \"POST /api/chat/**\"\nlimits = [ { key = user, rate = 20/min } ]");
    policy("default", "limits = [ { key = user, rate = 100/min } ]");
  }

  /** Writes a policy as editors do: beside, then renamed over. */
  House policy(String name, String text) {
    try {
      Path draft = Files.writeString(folder.resolve("policies/." + name + ".draft"), text);
      Files.move(
          draft,
          folder.resolve("policies/" + name + ".conf"),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.ATOMIC_MOVE);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a gateway; the lines are added to its gateway.conf. */
  Gateway gateway(String... lines) throws IOException {
    Path file = folder.resolve("config/gateway.conf");
    Files.writeString(
        file,
        """
        server { port = 0, host = "127.0.0.1", drain = 2s }
        admin { port = 0 }
        upstream = "http://127.0.0.1:%d"
        identity { trusted-proxies = ["127.0.0.0/8"] }
        policies { poll = 200ms }
        access-log { enabled = false }
        %s
        """
            .formatted(api.port(), String.join("\n", lines)));
    Gateway gateway = Gateway.start(GatewayConfig.load(file, Map.of()));
    gateways.push(gateway);
    return gateway;
  }

  /** Starts a gateway on a Redis, patient enough for a machine under load. */
  Gateway gatewayOn(int redisPort, String... lines) throws IOException {
    return gateway(
        "redis { host = 127.0.0.1, port = %d, timeout = 5s }".formatted(redisPort),
        String.join("\n", lines));
  }

  HttpResponse<String> chat(Gateway gateway, String user) {
    return chatLater(gateway, user).join();
  }

  CompletableFuture<HttpResponse<String>> chatLater(Gateway gateway, String user) {
    return client.sendAsync(
        HttpRequest.newBuilder(at(gateway.port(), "/api/chat/messages"))
            .header("X-User-Id", user)
            .timeout(LONG)
            .POST(BodyPublishers.ofString("{\"text\":\"hi\"}"))
            .build(),
        BodyHandlers.ofString());
  }

  HttpResponse<String> get(Gateway gateway, String path, String... headers) {
    return send(gateway.port(), "GET", path, headers);
  }

  HttpResponse<String> admin(Gateway gateway, String method, String path) {
    return send(gateway.adminPort(), method, path);
  }

  private HttpResponse<String> send(int port, String method, String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(at(port, path))
            .timeout(LONG)
            .method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    while (!gateways.isEmpty()) {
      gateways.pop().close();
    }
    api.close();
  }

  private static URI at(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }
}
