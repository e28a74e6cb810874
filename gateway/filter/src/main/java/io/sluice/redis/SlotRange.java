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
 * @param master who serves them; null where the cluster does not know where that one is
 * @param replicas who holds copies, those it knows the place of
 */
record SlotRange(int first, int last, @Nullable RedisAddress master, List<RedisAddress> replicas) {

  private static final int LONGEST_SHOWN = 200;

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
      if (words.size() < 3) {
        throw unread(line);
      }
      List<RedisAddress> replicas = new ArrayList<>();
      for (Object node : words.subList(3, words.size())) {
        RedisAddress replica = address(list(node), asked);
        if (replica != null) {
          replicas.add(replica);
        }
      }
      RedisAddress master = address(list(words.get(2)), asked);
      ranges.add(new SlotRange(slot(words.get(0)), slot(words.get(1)), master, replicas));
    }
    return ranges;
  }

  /** Returns null for port 0: at the node's address is another one, so the cluster dropped it. */
  private static @Nullable RedisAddress address(List<?> node, RedisAddress asked) {
    if (node.size() < 2 || !(node.get(1) instanceof Long port)) {
      throw unread(node);
    }
    if (!RedisAddress.isPort(port)) {
      return null;
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
    String shown = shown(word).replaceAll("\\p{Cntrl}+", " ");
    return new IllegalArgumentException(
        "not a reply to CLUSTER SLOTS: "
            + shown.substring(0, Math.min(shown.length(), LONGEST_SHOWN)));
  }

  private static String shown(@Nullable Object word) {
    if (word instanceof List<?> list) {
      return list.stream().map(SlotRange::shown).toList().toString();
    }
    return word instanceof byte[] ? text(word) : String.valueOf(word);
  }
}
