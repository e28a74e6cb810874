package io.sluice.redis;

import java.time.Duration;

/**
 * How to reach Redis.
 *
 * @param enabled false keeps all buckets in the process, by choice
 * @param required refuse to start when Redis cannot be used; otherwise start without it
 * @param topology where it is
 * @param database number of the database; 0 or more, 0 in a cluster
 * @param login as whom to log in to the servers that hold data
 * @param timeout longest a decision waits for Redis; 1 ms to 10 s
 * @param prefix what all keys begin with
 */
public record RedisSettings(
    boolean enabled,
    boolean required,
    RedisTopology topology,
    int database,
    RedisLogin login,
    Duration timeout,
    String prefix) {

  /** Returns the default settings for one server. */
  public static RedisSettings at(String host, int port) {
    return new RedisSettings(
        true,
        false,
        new RedisTopology.Standalone(new RedisAddress(host, port)),
        0,
        RedisLogin.NONE,
        Duration.ofMillis(25),
        "sluice:");
  }

  /** Returns settings that differ in the login. */
  public RedisSettings with(RedisLogin other) {
    return new RedisSettings(enabled, required, topology, database, other, timeout, prefix);
  }

  /** Returns settings that differ in the time-out. */
  public RedisSettings with(Duration other) {
    return new RedisSettings(enabled, required, topology, database, login, other, prefix);
  }

  /** Returns settings that differ in the database. */
  public RedisSettings inDatabase(int other) {
    return new RedisSettings(enabled, required, topology, other, login, timeout, prefix);
  }

  /** Leaves the login out. */
  @Override
  public String toString() {
    return topology.uri(database);
  }
}
