package io.sluice.config;

import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTopology;
import io.sluice.request.IpAddress;
import java.time.Duration;

/** Reads how to reach Redis. */
final class RedisReader {

  private RedisReader() {}

  static RedisSettings read(Section redis) {
    String prefix = redis.text("prefix");
    if (!prefix.matches("[A-Za-z0-9._:/-]{1,64}")) {
      redis.problem("prefix", "expected letters, digits and . _ - : /, at most 64");
    }
    return new RedisSettings(
        redis.flag("enabled"),
        redis.flag("required"),
        new RedisTopology.Standalone(
            new RedisAddress(host(redis), redis.integer("port", 1, 65_535))),
        redis.integer("database", 0, 65_535),
        new RedisLogin(
            redis.optional("username").orElse(null), redis.optional("password").orElse(null)),
        null,
        redis.duration("timeout", Duration.ofMillis(1), Duration.ofSeconds(10)),
        prefix);
  }

  private static String host(Section redis) {
    String host = redis.text("host");
    if (!host.matches("[A-Za-z0-9._-]+") && IpAddress.parse(host) == null) {
      redis.problem("host", "expected a name or an address only; the port stands in redis.port");
    }
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }
}
