package io.sluice.bench.soak;

import io.sluice.bench.fleet.GatewayProcess;
import io.sluice.bench.fleet.TinyUpstream;
import io.sluice.fixtures.FaultRelay;
import io.sluice.fixtures.LocalRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Gateways, each with a way of its own to one Redis, before one upstream. All of it, with its
 * files, is gone when closed, and its processes are when the JVM ends.
 */
final class Scene implements AutoCloseable {

  /** As whom gateways come to Redis; the driver itself comes as the default user. */
  static final String USER = "gateway";

  private static final String PASSWORD = "soak";

  private final Path folder;
  private final LocalRedis redis;
  private final TinyUpstream upstream;
  private final List<FaultRelay> relays = new ArrayList<>();
  private final List<GatewayProcess> gateways = new ArrayList<>();
  private final Thread hook = new Thread(this::end, "scene-end");

  private Scene() throws IOException {
    this.folder = Files.createTempDirectory("sluice-soak-");
    this.redis =
        LocalRedis.builder()
            .directive("maxmemory-policy noeviction")
            .directive("user " + USER + " on >" + PASSWORD + " ~* &* +@all")
            .start();
    this.upstream = TinyUpstream.start();
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts it.
   *
   * @param command how a gateway is run, up to its jar
   * @param timeout the setting {@code redis.timeout}
   */
  static Scene start(List<String> command, int gateways, String timeout, List<Traffic> traffics)
      throws IOException, InterruptedException {
    Scene scene = new Scene();
    try {
      scene.launch(command, gateways, timeout, traffics);
      return scene;
    } catch (IOException | InterruptedException | RuntimeException e) {
      scene.close();
      throw e;
    }
  }

  private void launch(List<String> command, int count, String timeout, List<Traffic> traffics)
      throws IOException, InterruptedException {
    Path policies = Files.createDirectory(folder.resolve("policies"));
    for (Traffic traffic : traffics) {
      Files.writeString(policies.resolve(traffic.name() + ".conf"), traffic.policy());
    }
    for (int i = 0; i < count; i++) {
      FaultRelay relay = FaultRelay.before(redis.port());
      relays.add(relay);
      String common =
          """
          upstream = "http://127.0.0.1:%d"
          redis {
            host = "%s", port = %d, timeout = %s, prefix = "%s", username = %s, password = %s
          }
          access-log { enabled = false }
          policies { directory = "%s" }
          """
              .formatted(
                  upstream.port(),
                  LocalRedis.HOST,
                  relay.port(),
                  timeout,
                  Traffic.PREFIX,
                  USER,
                  PASSWORD,
                  policies);
      gateways.add(GatewayProcess.start(command, folder.resolve("gateway-" + i), common));
    }
    for (GatewayProcess gateway : gateways) {
      gateway.awaitReady();
    }
  }

  LocalRedis redis() {
    return redis;
  }

  List<GatewayProcess> gateways() {
    return List.copyOf(gateways);
  }

  List<InetSocketAddress> addresses() {
    return gateways.stream().map(GatewayProcess::address).toList();
  }

  /** Returns the relays of the gateways that a fault befalls. */
  List<FaultRelay> relaysOf(Fault fault) {
    return fault.gateway() == Fault.ALL
        ? List.copyOf(relays)
        : List.of(relays.get(fault.gateway()));
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
    end();
    relays.forEach(FaultRelay::close);
    upstream.close();
    redis.close();
  }
}
