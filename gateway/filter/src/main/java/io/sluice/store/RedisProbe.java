package io.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisScript;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Asks whether Redis would carry out what decisions need: runs a script that does all of it. A
 * Redis that tells the time but is out of memory, read-only, or forbids one of the commands, is not
 * back: the first requests would find out, and the next probe would invite others. Thread-safe.
 */
public final class RedisProbe implements Supplier<CompletionStage<Object>> {

  /** What the key is called after the prefix. */
  static final String KEY = "probe";

  private static final RedisScript WRITE =
      new RedisScript(
          """
          redis.call('TIME')
          redis.call('MGET', KEYS[1])
          redis.call('SET', KEYS[1], '1', 'PX', 10000)
          redis.call('PEXPIRE', KEYS[1], 10000)
          return redis.call('GET', KEYS[1])
          """);

  private final RedisLink link;
  private final byte[] key;

  /** Creates a probe that writes the key {@code <prefix>probe}, which lives for ten seconds. */
  public RedisProbe(RedisLink link, String prefix) {
    this(link, prefix, "");
  }

  /**
   * Creates a probe of a certain slot.
   *
   * @param tag a hash tag at the end of the key, in braces
   */
  RedisProbe(RedisLink link, String prefix, String tag) {
    this.link = link;
    this.key = (prefix + KEY + tag).getBytes(UTF_8);
  }

  @Override
  public CompletionStage<Object> get() {
    return link.run(WRITE, List.of(key), List.of());
  }
}
