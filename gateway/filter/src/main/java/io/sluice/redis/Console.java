package io.sluice.redis;

/**
 * A line to Redis on which a person asks, one thing after the other: whatever command, and what
 * came back, a refusal included. Decisions never take it. For one thread.
 */
public interface Console extends AutoCloseable {

  /**
   * Sends a command and waits for the reply.
   *
   * @throws RedisUnavailableException when none comes: its message says why, where and the remedy
   */
  Reply ask(String... words);

  /** Returns which server answers, for people; without secrets. */
  String target();

  @Override
  void close();
}
