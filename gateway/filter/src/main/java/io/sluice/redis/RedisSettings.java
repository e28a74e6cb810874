package io.sluice.redis;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to reach Redis.
 *
 * @param enabled false keeps all buckets in the process, by choice
 * @param required refuse to start when Redis cannot be used; otherwise start without it
 * @param topology where it is
 * @param database number of the database; 0 or more, 0 in a cluster
 * @param login as whom to log in to the servers that hold data
 * @param tls how TLS is spoken with all servers, or null for none
 * @param timeout longest a decision waits for Redis; 1 ms to 10 s
 * @param prefix what all keys begin with
 */
public record RedisSettings(
    boolean enabled,
    boolean required,
    RedisTopology topology,
    int database,
    RedisLogin login,
    @Nullable RedisTls tls,
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
        null,
        Duration.ofMillis(25),
        "sluice:");
  }

  /** Returns settings that differ in where Redis is. */
  public RedisSettings with(RedisTopology other) {
    return new RedisSettings(enabled, required, other, database, login, tls, timeout, prefix);
  }

  /** Returns settings that differ in the login. */
  public RedisSettings with(RedisLogin other) {
    return new RedisSettings(enabled, required, topology, database, other, tls, timeout, prefix);
  }

  /** Returns settings that differ in TLS. */
  public RedisSettings with(RedisTls other) {
    return new RedisSettings(enabled, required, topology, database, login, other, timeout, prefix);
  }

  /** Returns settings that differ in the time-out. */
  public RedisSettings with(Duration other) {
    return new RedisSettings(enabled, required, topology, database, login, tls, other, prefix);
  }

  /** Returns settings that differ in the database. */
  public RedisSettings inDatabase(int other) {
    return new RedisSettings(enabled, required, topology, other, login, tls, timeout, prefix);
  }

  /** Returns the URI; leaves the login out. */
  @Override
  public String toString() {
    String uri = topology.uri(database);
    return tls == null ? uri : uri.replaceFirst("^redis", "rediss");
  }
}
