package io.sluice.redis;

import java.util.Optional;

/** A {@link RedisLink} whose state can be looked at and listened to. Thread-safe. */
public interface WatchedLink extends RedisLink {

  /**
   * Returns when Redis last answered anything, an error included, on the scale of the clock handed
   * to the link.
   */
  long heardNanos();

  /**
   * Runs an action, on any thread, when all that has come from Redis by now has been taken in; at
   * once where there is no connection.
   */
  void afterReading(Runnable action);

  /**
   * Returns for how many nanoseconds Redis has owed the answer to the oldest command it was sent; 0
   * while it owes none, and as long as can be where there is no connection.
   */
  long owedNanos();

  /**
   * Returns the last thing that was wrong: what, where and the remedy. It stays after the recovery;
   * empty when nothing ever was.
   */
  Optional<String> lastProblem();

  /** Returns where the link leads, for people; without secrets. */
  String target();

  /** Adds a watcher, which is told the present state at once. */
  void watch(Watcher watcher);

  /**
   * Hears of changes in their order, on the link's threads and under its lock, so it must not block
   * and must not wait for another thread.
   */
  interface Watcher {

    /** The link is connected and authenticated. */
    void up();

    /**
     * The link was lost, or another attempt to connect has failed.
     *
     * @param problem its message says what is wrong, where, and the remedy
     */
    void down(RedisUnavailableException problem);
  }
}
