package io.sluice.doctor;

import io.sluice.redis.Console;
import io.sluice.redis.LettuceConsole;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import io.sluice.redis.RedisUnavailableException;
import io.sluice.redis.Reply;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds the masters of a cluster: those who serve slots, as one of its members tells. */
final class Masters {

  private Masters() {}

  /**
   * Asks the named members in turn until one answers.
   *
   * @return at least one: where it does not tell, the member that answers
   * @throws RedisUnavailableException when none does: why the last one does not
   */
  static Set<RedisAddress> of(
      RedisSettings settings, RedisTopology.Cluster cluster, Duration patience) {
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
  private static Set<RedisAddress> read(Reply slots, RedisAddress member) {
    Set<RedisAddress> masters = new LinkedHashSet<>();
    for (Object range : slots.list()) {
      if (range instanceof List<?> parts
          && parts.size() > 2
          && parts.get(2) instanceof List<?> master
          && master.size() > 1
          && master.get(1) instanceof Long port) {
        String host = Reply.text(master.get(0));
        // A member that was never told its own address leaves it out.
        masters.add(new RedisAddress(host.isEmpty() ? member.host() : host, port.intValue()));
      }
    }
    return masters.isEmpty() ? Set.of(member) : masters;
  }
}
