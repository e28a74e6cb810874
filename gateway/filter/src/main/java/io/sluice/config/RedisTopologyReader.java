package io.sluice.config;

import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisTopology;
import io.sluice.request.IpAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads where Redis is, which is to be said in one way only. */
final class RedisTopologyReader {

  private static final int REDIS_PORT = 6_379;
  private static final int SENTINEL_PORT = 26_379;

  /** What fits into {@code sockaddr_un} on Linux, with the zero at its end. */
  private static final int LONGEST_SOCKET = 107;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");
  private static final Pattern NODE =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?");

  private final Section redis;

  private RedisTopologyReader(Section redis) {
    this.redis = redis;
  }

  static RedisTopology read(Section redis) {
    return new RedisTopologyReader(redis).topology();
  }

  private RedisTopology topology() {
    redis.optional("url"); // Its parts stand at the keys that are read now.
    RedisTopology standalone =
        new RedisTopology.Standalone(new RedisAddress(host(), redis.integer("port", 1, 65_535)));
    Optional<RedisTopology> socket = socket();
    RedisTopology sentinel = sentinel(redis.section("sentinel"));
    RedisTopology cluster = new RedisTopology.Cluster(nodes("cluster", REDIS_PORT));
    List<String> ways =
        List.of("host", "port", "socket", "sentinel", "cluster").stream()
            .filter(redis::has)
            .toList();
    checkOnly(ways);
    return switch (ways.isEmpty() ? "host" : ways.get(ways.size() - 1)) {
      case "socket" -> socket.orElse(standalone);
      case "sentinel" -> sentinel;
      case "cluster" -> cluster;
      default -> standalone;
    };
  }

  private void checkOnly(List<String> ways) {
    for (String way : ways.subList(Math.min(1, ways.size()), ways.size())) {
      if (!way.equals("port") || !ways.get(0).equals("host")) {
        redis.problem(
            way,
            "redis.%s says where Redis is: expected one of url, host, socket, sentinel and cluster"
                .formatted(ways.get(0)));
      }
    }
  }

  private String host() {
    String host = redis.text("host");
    if (!NAME.matcher(host).matches() && IpAddress.parse(host) == null) {
      redis.problem("host", "expected a name or an address only; the port stands in redis.port");
    }
    return bare(host);
  }

  private Optional<RedisTopology> socket() {
    Optional<Path> path = redis.file("socket").map(Path::toAbsolutePath);
    if (path.isPresent()
        && path.get().toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET) {
      redis.problem("socket", "expected a path of at most " + LONGEST_SOCKET + " octets");
    }
    return path.map(RedisTopology.Socket::new);
  }

  private RedisTopology sentinel(Section sentinel) {
    return new RedisTopology.Sentinel(
        redis.has("sentinel") ? sentinel.text("master") : sentinel.optional("master").orElse(""),
        nodes("sentinel", SENTINEL_PORT),
        RedisLoginReader.read(sentinel, "redis.sentinel"));
  }

  private List<RedisAddress> nodes(String block, int standardPort) {
    Section section = redis.section(block);
    List<RedisAddress> nodes = new ArrayList<>();
    for (String text : section.texts("nodes")) {
      Optional<RedisAddress> node = node(text, standardPort);
      node.ifPresent(nodes::add);
      if (node.isEmpty()) {
        section.problem(
            "nodes",
            "'%s' is no address: expected host:port, with an IPv6 address in brackets"
                .formatted(Shown.cut(text)));
      }
    }
    if (redis.has(block) && section.texts("nodes").isEmpty()) {
      section.problem("nodes", "expected at least one host:port");
    }
    return nodes;
  }

  private static Optional<RedisAddress> node(String text, int standardPort) {
    Matcher parts = NODE.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String host = parts.group(1);
    int port = parts.group(2) == null ? standardPort : Integer.parseInt(parts.group(2));
    boolean sound =
        port >= 1 && port <= 65_535 && (!host.startsWith("[") || IpAddress.parse(host) != null);
    return sound ? Optional.of(new RedisAddress(bare(host), port)) : Optional.empty();
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
