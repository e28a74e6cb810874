package io.sluice.config;

import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import java.time.Duration;

/** Reads how to reach Redis. */
final class RedisReader {

  private RedisReader() {}

  static RedisSettings read(Section redis) {
    String prefix = redis.text("prefix");
    if (!prefix.matches("[A-Za-z0-9._:/-]{1,64}")) {
      redis.problem("prefix", "expected letters, digits and . _ - : /, at most 64");
    }
    RedisTopology topology = RedisTopologyReader.read(redis);
    return new RedisSettings(
        redis.flag("enabled"),
        redis.flag("required"),
        topology,
        database(redis, topology),
        RedisLoginReader.read(redis, "redis"),
        RedisTlsReader.read(redis, topology),
        redis.duration("timeout", Duration.ofMillis(1), Duration.ofSeconds(10)),
        prefix);
  }

  private static int database(Section redis, RedisTopology topology) {
    int database = redis.integer("database", 0, 65_535);
    if (database != 0 && topology instanceof RedisTopology.Cluster) {
      redis.problem("database", "a cluster has no other database than 0");
    }
    return database;
  }
}
