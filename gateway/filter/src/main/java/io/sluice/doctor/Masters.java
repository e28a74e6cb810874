package io.sluice.doctor;

import io.sluice.redis.Console;
import io.sluice.redis.LettuceConsole;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import io.sluice.redis.RedisUnavailableException;
import io.sluice.redis.Reply;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The masters of a cluster: those who serve slots, as one of its members tells.
 *
 * @param addresses where they are; at least one
 * @param lost a finding about each that the member knows no address of
 */
record Masters(Set<RedisAddress> addresses, List<Finding> lost) {

  /** What a member that prefers host names says of a node that has none. */
  private static final String NAMELESS = "?";

  /**
   * Asks the named members in turn until one answers.
   *
   * @return where it does not tell, the member that answers
   * @throws RedisUnavailableException when none does: why the last one does not
   */
  static Masters of(RedisSettings settings, RedisTopology.Cluster cluster, Duration patience) {
    RedisUnavailableException last = new RedisUnavailableException("no member is named", null);
    for (RedisAddress member : cluster.nodes()) {
      RedisSettings there = settings.with(new RedisTopology.Node(member));
      try (Console console = LettuceConsole.open(there, patience)) {
        return read(console.ask("CLUSTER", "SLOTS"), member);
      } catch (RedisUnavailableException e) {
        last = e;
      }
    }
    throw last;
  }

  /** Each range is a list of first slot, last slot, master, replicas. */
  private static Masters read(Reply slots, RedisAddress member) {
    Set<RedisAddress> masters = new LinkedHashSet<>();
    Map<String, Long> lost = new LinkedHashMap<>();
    for (Object range : slots.list()) {
      if (range instanceof List<?> parts
          && parts.size() > 2
          && parts.get(0) instanceof Long first
          && parts.get(1) instanceof Long last
          && parts.get(2) instanceof List<?> master
          && master.size() > 2
          && master.get(1) instanceof Long port) {
        if (port == 0) { // CLUSTER NODES calls it noaddr.
          lost.merge(Reply.text(master.get(2)), last - first + 1, Long::sum);
        } else {
          masters.add(new RedisAddress(host(master, member), port.intValue()));
        }
      }
    }
    return new Masters(
        masters.isEmpty() ? Set.of(member) : masters,
        lost.entrySet().stream()
            .map(node -> lost(node.getKey(), node.getValue(), member))
            .toList());
  }

  /** A node is a list of host, port, id, and more about it: names and values in turn. */
  private static String host(List<?> node, RedisAddress member) {
    String host = Reply.text(node.get(0));
    if (host.equals(NAMELESS)) {
      host = node.size() > 3 ? Reply.of(node.get(3)).fields().getOrDefault("ip", "") : "";
    }
    // A member that was never told its own address leaves it out.
    return host.isEmpty() ? member.host() : host;
  }

  private static Finding lost(String id, long slots, RedisAddress member) {
    return Finding.warning(
        "node-address",
        "%s knows no address of node %s, which serves %s"
            .formatted(member, id, Figures.count(slots, "slot")),
        "who learns the slots there does not find it: callers whose buckets lie in them are limited"
            + " as in an outage",
        "see CLUSTER NODES (noaddr); where it is gone, CLUSTER FORGET %s at each member and redis-cli"
                .formatted(id)
            + " --cluster fix; else CLUSTER MEET with its address");
  }
}
