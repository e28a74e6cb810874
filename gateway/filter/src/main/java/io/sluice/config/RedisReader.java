package io.sluice.config;

import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import io.sluice.redis.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

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
        login(redis),
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

  private static RedisLogin login(Section redis) {
    String username = redis.optional("username").orElse(null);
    Optional<String> password = redis.optional("password");
    Optional<Path> file = redis.file("password-file");
    if (file.isEmpty()) {
      return new RedisLogin(username, password.orElse(null));
    }
    if (password.isPresent()) {
      redis.problem("password-file", "redis.password is set too: expected only one of them");
    }
    try {
      return new RedisLogin(username, SecretFile.read(file.get()), file.get());
    } catch (IOException e) {
      redis.problem("password-file", String.valueOf(e.getMessage()));
      return RedisLogin.NONE;
    }
  }
}
