package io.sluice.bench.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Gateways with the same policies before one upstream. They are gone with all their files when
 * closed, and when the JVM ends.
 */
public final class Fleet implements AutoCloseable {

  private final Path folder;
  private final TinyUpstream upstream;
  private final List<GatewayProcess> gateways = new ArrayList<>();
  private final Thread hook = new Thread(this::end, "fleet-end");

  private Fleet() throws IOException {
    this.folder = Files.createTempDirectory("sluice-fleet-");
    this.upstream = TinyUpstream.start();
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts one, and waits until all gateways serve with Redis.
   *
   * @param command how a gateway is run, up to its jar
   * @param policies their texts by their names
   * @param redis what stands in {@code redis { }} of each gateway; one for each
   */
  public static Fleet start(List<String> command, Map<String, String> policies, List<String> redis)
      throws IOException, InterruptedException {
    Fleet fleet = new Fleet();
    try {
      fleet.launch(command, policies, redis);
      return fleet;
    } catch (IOException | InterruptedException | RuntimeException e) {
      fleet.close();
      throw e;
    }
  }

  private void launch(List<String> command, Map<String, String> policies, List<String> redis)
      throws IOException, InterruptedException {
    Path directory = Files.createDirectory(folder.resolve("policies"));
    for (Map.Entry<String, String> policy : policies.entrySet()) {
      Files.writeString(directory.resolve(policy.getKey() + ".conf"), policy.getValue());
    }
    for (String settings : redis) {
      String configuration =
          """
          upstream = "http://127.0.0.1:%d"
          redis { %s }
          access-log { enabled = false }
          policies { directory = "%s" }
          """
              .formatted(upstream.port(), settings, directory);
      Path own = folder.resolve("gateway-" + gateways.size());
      gateways.add(GatewayProcess.start(command, own, configuration));
    }
    for (GatewayProcess gateway : gateways) {
      gateway.awaitReady();
    }
  }

  /** Returns the gateways in the order of their settings. */
  public List<GatewayProcess> gateways() {
    return List.copyOf(gateways);
  }

  /** Returns where clients reach the gateways. */
  public List<InetSocketAddress> addresses() {
    return gateways.stream().map(GatewayProcess::address).toList();
  }

  private void end() {
    gateways.forEach(GatewayProcess::close);
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    Runtime.getRuntime().removeShutdownHook(hook);
    try {
      end();
    } finally {
      upstream.close();
    }
  }
}
