package io.sluice.bench.soak;

import io.sluice.bench.fleet.Fleet;
import io.sluice.fixtures.FaultRelay;
import io.sluice.fixtures.LocalRedis;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Gateways, each with a way of its own to one Redis; all of it is gone when closed. */
final class Scene implements AutoCloseable {

  /** As whom gateways come to Redis; the driver itself comes as the default user. */
  static final String USER = "gateway";

  private static final String PASSWORD = "soak";

  private final LocalRedis redis;
  private final List<FaultRelay> relays = new ArrayList<>();
  private final Fleet fleet;

  private Scene(List<String> command, int gateways, String timeout, Map<String, String> policies)
      throws IOException, InterruptedException {
    this.redis =
        LocalRedis.builder()
            .directive("maxmemory-policy noeviction")
            .directive("user " + USER + " on >" + PASSWORD + " ~* &* +@all")
            .start();
    try {
      for (int i = 0; i < gateways; i++) {
        relays.add(FaultRelay.before(redis.port()));
      }
      List<String> ways = relays.stream().map(relay -> settings(relay, timeout)).toList();
      this.fleet = Fleet.start(command, policies, ways);
    } catch (IOException | InterruptedException | RuntimeException e) {
      endRedis();
      throw e;
    }
  }

  /**
   * Starts it.
   *
   * @param command how a gateway is run, up to its jar
   * @param timeout the setting {@code redis.timeout}
   */
  static Scene start(List<String> command, int gateways, String timeout, List<Traffic> traffics)
      throws IOException, InterruptedException {
    Map<String, String> policies =
        traffics.stream().collect(Collectors.toMap(Traffic::name, Traffic::policy));
    return new Scene(command, gateways, timeout, policies);
  }

  private static String settings(FaultRelay relay, String timeout) {
    return "host = \"%s\", port = %d, timeout = %s, prefix = \"%s\", username = %s, password = %s"
        .formatted(LocalRedis.HOST, relay.port(), timeout, Traffic.PREFIX, USER, PASSWORD);
  }

  LocalRedis redis() {
    return redis;
  }

  Fleet fleet() {
    return fleet;
  }

  /** Returns the relays of the gateways that a fault befalls. */
  List<FaultRelay> relaysOf(Fault fault) {
    return fault.gateway() == Fault.ALL
        ? List.copyOf(relays)
        : List.of(relays.get(fault.gateway()));
  }

  private void endRedis() {
    relays.forEach(FaultRelay::close);
    redis.close();
  }

  @Override
  public void close() throws IOException {
    try {
      fleet.close();
    } finally {
      endRedis();
    }
  }
}
