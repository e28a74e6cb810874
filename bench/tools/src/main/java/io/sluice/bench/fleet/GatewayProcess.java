package io.sluice.bench.fleet;

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
import java.util.regex.Pattern;

/**
 * One packaged gateway in a process of its own, which does not outlive this JVM however it ends: a
 * shell waits at the other end of a pipe; when the pipe breaks it kills the gateway.
 */
public final class GatewayProcess implements AutoCloseable {

  private static final String GUARD = "read -r word || kill -KILL \"$0\"";
  private static final Pattern ON_REDIS = Pattern.compile("\"store\"\\s*:\\s*\"redis\"");
  private static final long READY_SECONDS = 60;
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private final Process process;
  private final Process guard;
  private final Path log;
  private final int port;
  private final int adminPort;

  private GatewayProcess(Process process, Process guard, Path log, int port, int adminPort) {
    this.process = process;
    this.guard = guard;
    this.log = log;
    this.port = port;
    this.adminPort = adminPort;
  }

  /**
   * Returns how a gateway is run by the Java that runs this, up to its jar.
   *
   * @param javaOptions split at spaces
   */
  public static List<String> command(String javaOptions, Path jar) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (!javaOptions.isBlank()) {
      command.addAll(List.of(javaOptions.strip().split(" +", -1)));
    }
    command.add("-jar");
    command.add(jar.toAbsolutePath().toString());
    return command;
  }

  /**
   * Starts one.
   *
   * @param command Java, its options, and the jar
   * @param folder where its configuration and its log go
   * @param common the part of the configuration that all gateways share
   */
  public static GatewayProcess start(List<String> command, Path folder, String common)
      throws IOException {
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
    Process process = builder.start();
    try {
      return new GatewayProcess(process, guard(process), log, port, adminPort);
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static Process guard(Process process) throws IOException {
    return new ProcessBuilder("sh", "-c", GUARD, Long.toString(process.pid()))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Waits until it serves with Redis. */
  public void awaitReady() throws IOException, InterruptedException {
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
      return get("/health/ready").statusCode() == 200 && isOnRedis();
    } catch (IOException e) {
      return false; // Not listening yet; the deadline above says when that is too long.
    }
  }

  /** Returns whether Redis decides, as its health page says. */
  public boolean isOnRedis() throws IOException, InterruptedException {
    return ON_REDIS.matcher(get("/health/ready").body()).find();
  }

  /** Returns where clients reach it. */
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Returns the id of its process. */
  public long pid() {
    return process.pid();
  }

  /** Returns the file that gets all that it prints. */
  public Path log() {
    return log;
  }

  /** Returns what it says of itself now. */
  public Metrics metrics() throws IOException, InterruptedException {
    return Metrics.parse(get("/metrics").body());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + adminPort + path);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
    return CLIENT.send(request, BodyHandlers.ofString());
  }

  @Override
  public void close() {
    process.destroyForcibly();
    guard.destroyForcibly();
    process.onExit().join();
    guard.onExit().join();
  }
}
