package io.sluice.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts what a URL says of Redis where the keys for it are, so that it is read, checked and shown
 * like them. A key that stands beside the URL and says the same is a problem.
 */
final class RedisUrlKeys {

  /** What says where Redis is. The login of Sentinels does not, and may stand beside their URL. */
  private static final List<String> WAYS =
      List.of("host", "port", "socket", "sentinel.master", "sentinel.nodes", "cluster");

  private static final String URL = "redis.url";

  private RedisUrlKeys() {}

  /** Returns a file's settings with the parts of their {@code redis.url}, where they have one. */
  static Config ofFile(ConfigObject file, Problems problems) {
    Config config = file.toConfig();
    ConfigValue url = at(file, "url");
    Optional<String> text = url == null ? Optional.empty() : Values.text(url);
    if (url == null || text.isEmpty()) {
      return config; // Who reads the key says what is wrong with a URL that is no text.
    }
    Optional<Map<String, Object>> keys = RedisUrl.keys(text.get());
    if (keys.isEmpty()) {
      problems.error(Place.of(url.origin()), URL + ": " + RedisUrl.expected(text.get()));
      return config;
    }
    return check(file, keys.get(), problems) ? with(config, keys.get(), url.origin()) : config;
  }

  /** Returns settings in which a URL of the environment says where Redis is. */
  static Config over(Config config, Map<String, Object> keys, ConfigValue url) {
    Config bare = config;
    for (String way : WAYS) {
      bare = bare.withoutPath("redis." + way);
    }
    if (!keys.containsKey("sentinel.master")) {
      bare = bare.withoutPath("redis.sentinel");
    }
    if (keys.containsKey("password")) {
      bare = bare.withoutPath("redis.username").withoutPath("redis.password-file");
    }
    return with(bare.withValue(URL, url), keys, url.origin());
  }

  /** Returns settings without all that names anything but one server by host and port. */
  static Config standalone(Config config) {
    Config bare = config.withoutPath(URL);
    for (String way : List.of("socket", "sentinel", "cluster")) {
      bare = bare.withoutPath("redis." + way);
    }
    return bare;
  }

  private static Config with(Config config, Map<String, Object> keys, ConfigOrigin origin) {
    Config merged = config;
    for (Map.Entry<String, Object> key : keys.entrySet()) {
      ConfigValue value = ConfigValueFactory.fromAnyRef(key.getValue());
      merged = merged.withValue("redis." + key.getKey(), value.withOrigin(origin));
    }
    return merged;
  }

  private static boolean check(ConfigObject file, Map<String, Object> keys, Problems problems) {
    boolean alone = true;
    for (String way : WAYS) {
      alone &= isUnset(file, way, "says where Redis is: expected only one of them", problems);
    }
    for (String key : List.of("database", "username", "password")) {
      if (keys.containsKey(key)) {
        alone &= isUnset(file, key, "has it too: expected it once", problems);
      }
    }
    if (keys.containsKey("password")) {
      alone &= isUnset(file, "password-file", "has a password: expected one of them", problems);
    }
    ConfigValue tls = at(file, "tls.enabled");
    if (keys.containsKey("tls.enabled") && tls != null && !Values.flag(tls).orElse(true)) {
      alone = isUnset(file, "tls.enabled", "asks for TLS", problems);
    }
    return alone;
  }

  private static boolean isUnset(ConfigObject file, String key, String because, Problems problems) {
    ConfigValue value = at(file, key);
    if (value != null) {
      problems.error(Place.of(value.origin()), "redis.%s: but %s %s".formatted(key, URL, because));
    }
    return value == null;
  }

  private static @Nullable ConfigValue at(ConfigObject file, String path) {
    ConfigValue value = Values.object(file.get("redis"));
    for (String key : path.split("\\.", -1)) {
      value = Values.object(value).get(key);
    }
    return Values.set(value);
  }
}
