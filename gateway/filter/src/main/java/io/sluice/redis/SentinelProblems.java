package io.sluice.redis;

import io.lettuce.core.RedisCommandExecutionException;

/** Says what is wrong between Sentinels and the master they name, as {@link Problems} does. */
final class SentinelProblems {

  /** The remedy where a Sentinel's user lacks a right; all that is asked of Sentinels. */
  static final String RIGHTS =
      "grant the user +sentinel|master +sentinel|get-master-addr-by-name +sentinel|replicas"
          + " +sentinel|sentinels";

  private final String target;
  private final String master;

  SentinelProblems(RedisSettings settings, RedisTopology.Sentinel topology) {
    this.target = settings.toString();
    this.master = topology.master();
  }

  /** Returns that no Sentinel names a master, and why one does not. */
  RedisUnavailableException ofSilence(RedisUnavailableException one) {
    return new RedisUnavailableException(
        target + ": no Sentinel names the master: " + one.getMessage(), one.getCause());
  }

  /** Returns that a Sentinel does not know the master by its name. */
  static RedisUnavailableException ofUnknownName(
      RedisAddress sentinel, String master, RedisCommandExecutionException error) {
    return new RedisUnavailableException(
        "Sentinel %s knows no master \"%s\" (%s); correct redis.sentinel.master"
            .formatted(sentinel, master, error.getMessage()),
        error);
  }

  /** Returns that the server named as master says that it is something else. */
  RedisUnavailableException ofRole(RedisAddress server, String role) {
    return new RedisUnavailableException(
        "%s, named as master of %s, says that it is a %s; asking again (if it stays so, see SENTINEL MASTER %s)"
            .formatted(server, master, role, master),
        null);
  }

  /** Returns that another server is master. */
  RedisUnavailableException ofMove(RedisAddress left, RedisAddress named) {
    return new RedisUnavailableException(
        "%s is master of %s no more; the Sentinels name %s".formatted(left, master, named), null);
  }
}
