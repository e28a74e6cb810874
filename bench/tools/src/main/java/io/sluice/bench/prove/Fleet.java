package io.sluice.bench.prove;

import io.sluice.bench.fleet.GatewayProcess;
import io.sluice.bench.fleet.TinyUpstream;
import io.sluice.fixtures.LocalRedis;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Gateways on one Redis before one upstream; gone with all their files when closed. */
final class Fleet implements AutoCloseable {

  private final Path folder;
  private final LocalRedis redis;
  private final TinyUpstream upstream;
  private final List<GatewayProcess> gateways = new ArrayList<>();
  private final Thread hook = new Thread(this::endGateways, "fleet-end");

  private Fleet() throws IOException {
    this.folder = Files.createTempDirectory("sluice-proof-");
    this.redis = LocalRedis.start();
    this.upstream = TinyUpstream.start();
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts one.
   *
   * @param command how a gateway is run, up to its jar
   * @param timeout the setting {@code redis.timeout}
   */
  static Fleet start(List<String> command, int gateways, String timeout, List<Scenario> scenarios)
      throws IOException, InterruptedException {
    Fleet fleet = new Fleet();
    try {
      fleet.launch(command, gateways, timeout, scenarios);
      return fleet;
    } catch (IOException | InterruptedException | RuntimeException e) {
      fleet.close();
      throw e;
    }
  }

  private void launch(List<String> command, int count, String timeout, List<Scenario> scenarios)
      throws IOException, InterruptedException {
    Path policies = Files.createDirectory(folder.resolve("policies"));
    for (Scenario scenario : scenarios) {
      Files.writeString(policies.resolve(scenario.name() + ".conf"), scenario.policy());
    }
    String common =
        """
        upstream = "http://127.0.0.1:%d"
        redis { host = "%s", port = %d, timeout = %s, prefix = "%s" }
        access-log { enabled = false }
        policies { directory = "%s" }
        """
            .formatted(
                upstream.port(), LocalRedis.HOST, redis.port(), timeout, Scenario.PREFIX, policies);
    for (int i = 0; i < count; i++) {
      gateways.add(GatewayProcess.start(command, folder.resolve("gateway-" + i), common));
    }
    for (GatewayProcess gateway : gateways) {
      gateway.awaitReady();
    }
  }

  List<InetSocketAddress> addresses() {
    return gateways.stream().map(GatewayProcess::address).toList();
  }

  int redisPort() {
    return redis.port();
  }

  /** Returns what all gateways have counted so far. */
  GatewayCounts counts() throws IOException, InterruptedException {
    GatewayCounts all = GatewayCounts.NONE;
    for (GatewayProcess gateway : gateways) {
      all = all.plus(GatewayCounts.of(gateway.metrics()));
    }
    return all;
  }

  private void endGateways() {
    gateways.forEach(GatewayProcess::close);
  }

  @Override
  public void close() throws IOException {
    endGateways();
    upstream.close();
    redis.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    Runtime.getRuntime().removeShutdownHook(hook);
  }
}
