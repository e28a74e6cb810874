package io.sluice.bench.prove;

import io.sluice.fixtures.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One packaged gateway in a process of its own. */
final class GatewayProcess implements AutoCloseable {

  private static final long READY_SECONDS = 60;
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private final Process process;
  private final Path log;
  private final int port;
  private final int adminPort;

  private GatewayProcess(Process process, Path log, int port, int adminPort) {
    this.process = process;
    this.log = log;
    this.port = port;
    this.adminPort = adminPort;
  }

  /**
   * Starts one.
   *
   * @param command Java, its options, and the jar
   * @param folder where its configuration and its log go
   * @param common the part of the configuration that all gateways share
   */
  static GatewayProcess start(List<String> command, Path folder, String common) throws IOException {
    int port = FreePort.choose();
    int adminPort = FreePort.choose();
    Files.createDirectories(folder);
    Path configuration = folder.resolve("gateway.conf");
    Files.writeString(
        configuration,
        "%sserver { port = %d, host = \"127.0.0.1\" }\nadmin { port = %d, host = \"127.0.0.1\" }\n"
            .formatted(common, port, adminPort));
    Path log = folder.resolve("gateway.log");
    ProcessBuilder builder =
        new ProcessBuilder(new ArrayList<>(command))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.command().addAll(List.of("serve", "--config", configuration.toString()));
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("REDIS_") || name.startsWith("SLUICE_"));
    return new GatewayProcess(builder.start(), log, port, adminPort);
  }

  /** Waits until it serves with Redis. */
  void awaitReady() throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    while (!isReady()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException("a gateway did not become ready:\n" + Files.readString(log));
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private boolean isReady() throws InterruptedException {
    try {
      return get("/health/ready").statusCode() == 200
          && get("/metrics").body().contains("sluice_store_mode{mode=\"redis\"} 1");
    } catch (IOException e) {
      return false; // Not listening yet; the deadline above says when that is too long.
    }
  }

  /** Returns where clients reach it. */
  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Returns what it has counted so far. */
  GatewayCounts counts() throws IOException, InterruptedException {
    return GatewayCounts.parse(get("/metrics").body());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + adminPort + path);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
    return CLIENT.send(request, BodyHandlers.ofString());
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
