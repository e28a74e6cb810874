package io.sluice.redis;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to reach Redis.
 *
 * @param enabled false keeps all buckets in the process, by choice
 * @param required refuse to start when Redis cannot be used; otherwise start without it
 * @param host name or address
 * @param port 1 to 65535
 * @param database number of the database; 0 or more
 * @param username ACL user, or null for the default user
 * @param password password, or null for none
 * @param timeout longest a decision waits for Redis; 1 ms to 10 s
 * @param prefix what all keys begin with
 */
public record RedisSettings(
    boolean enabled,
    boolean required,
    String host,
    int port,
    int database,
    @Nullable String username,
    @Nullable String password,
    Duration timeout,
    String prefix) {

  /** Leaves the password out. */
  @Override
  public String toString() {
    return "redis://%s:%d/%d".formatted(host, port, database);
  }
}
