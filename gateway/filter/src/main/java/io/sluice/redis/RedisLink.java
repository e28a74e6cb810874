package io.sluice.redis;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * A line to Redis for commands that must be sent at most once: none is ever replayed, queued while
 * the line is down, or waited for by blocking. Thread-safe.
 *
 * <p>Stages complete on the line's own thread, exceptionally with {@link RedisUnavailableException}
 * when the command was not answered; it may then have been carried out or not.
 */
public interface RedisLink {

  /** Returns whether the line is connected and authenticated. */
  boolean isUp();

  /**
   * Runs a script, by its digest where Redis knows it.
   *
   * @return its reply: Long, byte[] or a List of these; null elements for nil
   */
  CompletionStage<Object> run(RedisScript script, List<byte[]> keys, List<byte[]> arguments);

  /** Deletes a key; the number deleted. */
  CompletionStage<Long> delete(byte[] key);

  /** Returns Redis' clock, in nanoseconds since the Unix epoch with a grain of a microsecond. */
  CompletionStage<Long> epochNanos();

  /**
   * A reply was none to what was asked, so replies may be out of step with questions, and each
   * further one would be taken for that of another: a line that can connects anew.
   */
  default void distrust() {}
}
