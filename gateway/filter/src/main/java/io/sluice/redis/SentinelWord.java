package io.sluice.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one Sentinel says of the master, or why it says nothing. Immutable. */
sealed interface SentinelWord {

  /** It has not been heard yet. */
  record Awaited() implements SentinelWord {}

  /**
   * It names the master.
   *
   * @param epoch number of the configuration it knows; a higher one is newer
   * @param next the server that it is promoting, in a configuration that has no number yet; null
   *     when there is none
   */
  record Named(RedisAddress master, long epoch, @Nullable RedisAddress next)
      implements SentinelWord {

    /** The oldest first. */
    static final Comparator<Named> AGE =
        Comparator.comparingLong(Named::epoch).thenComparing(named -> named.next != null);
  }

  /** It cannot be asked, or does not know. */
  record Failed(RedisUnavailableException why) implements SentinelWord {}

  /**
   * What a Sentinel knows of one server or Sentinel (reply of SENTINEL MASTER, and the elements of
   * SENTINEL REPLICAS and SENTINEL SENTINELS): names and values in turn.
   */
  record Entry(Map<String, String> fields) {

    static Entry of(Object reply) {
      List<String> words = texts(reply);
      Map<String, String> fields = new HashMap<>();
      for (int i = 0; i + 1 < words.size(); i += 2) {
        fields.put(words.get(i), words.get(i + 1));
      }
      return new Entry(fields);
    }

    static List<Entry> all(Object reply) {
      return ((List<?>) reply).stream().map(Entry::of).toList();
    }

    RedisAddress address() {
      return new RedisAddress(field("ip"), Integer.parseInt(field("port")));
    }

    long epoch() {
      return Long.parseLong(field("config-epoch"));
    }

    boolean is(String flag) {
      return Set.of(field("flags").split(",")).contains(flag);
    }

    private String field(String name) {
      return Optional.ofNullable(fields.get(name))
          .orElseThrow(() -> new IllegalArgumentException("its answer lacks " + name));
    }
  }

  /** Returns the reply of SENTINEL GET-MASTER-ADDR-BY-NAME: host and port. */
  static RedisAddress address(Object reply) {
    List<String> parts = texts(reply);
    return new RedisAddress(parts.get(0), Integer.parseInt(parts.get(1)));
  }

  /** Returns a reply that is a list of words. */
  static List<String> texts(Object reply) {
    List<String> texts = new ArrayList<>();
    for (Object word : (List<?>) reply) {
      texts.add(new String((byte[]) word, UTF_8));
    }
    return texts;
  }
}
