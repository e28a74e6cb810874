package io.sluice.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive slots of a Redis Cluster and who holds them: one line of the reply to {@code CLUSTER
 * SLOTS}. Immutable.
 *
 * @param first the first slot
 * @param last the last slot, included
 * @param master who serves them
 * @param replicas who holds copies
 */
record SlotRange(int first, int last, RedisAddress master, List<RedisAddress> replicas) {

  SlotRange {
    replicas = List.copyOf(replicas);
  }

  /**
   * Reads a whole reply.
   *
   * @param asked who was asked; a node that does not know its own name means the one it was asked
   *     by
   * @throws IllegalArgumentException when it is no such reply
   */
  static List<SlotRange> read(Object reply, RedisAddress asked) {
    List<SlotRange> ranges = new ArrayList<>();
    for (Object line : list(reply)) {
      List<?> words = list(line);
      List<RedisAddress> nodes = new ArrayList<>();
      for (Object node : words.subList(Math.min(2, words.size()), words.size())) {
        nodes.add(address(list(node), asked));
      }
      if (nodes.isEmpty()) {
        throw unread(line);
      }
      ranges.add(
          new SlotRange(
              slot(words.get(0)),
              slot(words.get(1)),
              nodes.get(0),
              nodes.subList(1, nodes.size())));
    }
    return ranges;
  }

  private static RedisAddress address(List<?> node, RedisAddress asked) {
    if (node.size() < 2 || !(node.get(1) instanceof Long port) || port < 1 || port > 65_535) {
      throw unread(node);
    }
    String host = text(node.get(0));
    if (host.equals("?")) { // It prefers its host name, and has none.
      host = node.size() > 3 ? ip(list(node.get(3))) : "";
    }
    return new RedisAddress(host.isEmpty() ? asked.host() : host, port.intValue());
  }

  private static String ip(List<?> more) {
    for (int i = 0; i + 1 < more.size(); i += 2) {
      if (text(more.get(i)).equals("ip")) {
        return text(more.get(i + 1));
      }
    }
    return "";
  }

  private static int slot(Object word) {
    if (word instanceof Long slot && slot >= 0 && slot < SlotLinks.SLOTS) {
      return slot.intValue();
    }
    throw unread(word);
  }

  private static String text(@Nullable Object word) {
    if (word == null) {
      return "";
    }
    if (word instanceof byte[] bytes) {
      return new String(bytes, UTF_8);
    }
    throw unread(word);
  }

  private static List<?> list(@Nullable Object word) {
    if (word instanceof List<?> list) {
      return list;
    }
    throw unread(word);
  }

  private static IllegalArgumentException unread(@Nullable Object word) {
    return new IllegalArgumentException("not a reply to CLUSTER SLOTS: " + word);
  }
}
