package io.sluice.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValueFactory;
import io.sluice.redis.SecretFile;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The environment variables that deployments expect. A set variable beats the file, an empty one
 * counts as unset. Those that hold a secret have a twin, {@code NAME_FILE}, that names a file with
 * the secret in it.
 */
final class EnvironmentVariables {

  private static final String REDIS_URL = "REDIS_URL";
  private static final String REDIS_HOST = "REDIS_HOST";
  private static final String REDIS_PORT = "REDIS_PORT";
  private static final String REDIS_PASSWORD = "REDIS_PASSWORD";
  private static final String TWIN = "_FILE";

  private static final Map<String, String> KEYS = new LinkedHashMap<>();

  static {
    KEYS.put("REDIS_ENABLED", "redis.enabled");
    KEYS.put(REDIS_HOST, "redis.host");
    KEYS.put(REDIS_PORT, "redis.port");
    KEYS.put("REDIS_DB", "redis.database");
    KEYS.put("REDIS_USERNAME", "redis.username");
    KEYS.put("SLUICE_PORT", "server.port");
    KEYS.put("SLUICE_UPSTREAM", "upstream");
    KEYS.put("SLUICE_ADMIN_HOST", "admin.host");
    KEYS.put("SLUICE_ADMIN_PORT", "admin.port");
  }

  private static final Map<String, String> SECRETS = new LinkedHashMap<>();

  static {
    SECRETS.put("SLUICE_SECRET", "identity.secret");
    SECRETS.put("SLUICE_ADMIN_TOKEN", "admin.token");
  }

  private final Map<String, String> environment;
  private final Problems problems;

  EnvironmentVariables(Map<String, String> environment, Problems problems) {
    this.environment = environment;
    this.problems = problems;
  }

  /** Returns how people find a variable again. */
  static String origin(String variable) {
    return "environment variable " + variable;
  }

  /** Returns the settings with those of the environment on top. */
  ConfigObject over(ConfigObject file) {
    Config config = where(RedisUrlKeys.ofFile(file, problems));
    for (Map.Entry<String, String> variable : KEYS.entrySet()) {
      if (!isServiceLink(variable.getKey())) {
        config = with(config, variable.getValue(), get(variable.getKey()), variable.getKey());
      }
    }
    for (Map.Entry<String, String> variable : SECRETS.entrySet()) {
      config = secret(config, variable.getKey(), variable.getValue());
    }
    return redisPassword(config).root();
  }

  /**
   * Kubernetes sets {@code REDIS_PORT=tcp://10.0.0.7:6379} in every pod beside a service that is
   * named redis. Nobody asked for it, so it must not keep a gateway from starting.
   */
  private boolean isServiceLink(String variable) {
    String value = get(variable);
    boolean link = variable.endsWith("_PORT") && value != null && value.startsWith("tcp://");
    if (link) {
      problems.warning(
          new Place(origin(variable), 0),
          "ignored, for it is a Kubernetes service link: enableServiceLinks: false turns them off");
    }
    return link;
  }

  private Config secret(Config config, String name, String key) {
    String twin = name + TWIN;
    String file = get(twin);
    if (file == null) {
      return with(config, key, get(name), name);
    }
    checkAlone(twin, name);
    return with(config, key, contents(twin, file), twin);
  }

  /** Where its file is, not what it holds, for that may change while the gateway runs. */
  private Config redisPassword(Config config) {
    String password = get(REDIS_PASSWORD);
    String twin = REDIS_PASSWORD + TWIN;
    String file = get(twin);
    if (password == null && file == null) {
      return config;
    }
    Config bare = config.withoutPath("redis.password").withoutPath("redis.password-file");
    if (file == null) {
      return with(bare, "redis.password", password, REDIS_PASSWORD);
    }
    checkAlone(twin, REDIS_PASSWORD);
    return contents(twin, file) == null
        ? bare
        : with(bare, "redis.password-file", Path.of(file).toAbsolutePath().toString(), twin);
  }

  private void checkAlone(String variable, String other) {
    if (get(other) != null) {
      problem(variable, other + " is set too: expected only one of them");
    }
  }

  private @Nullable String contents(String variable, String file) {
    try {
      return SecretFile.read(Path.of(file));
    } catch (IOException e) {
      problem(variable, String.valueOf(e.getMessage()));
    } catch (InvalidPathException e) {
      problem(variable, file + " cannot be read: expected a readable file with the secret in it");
    }
    return null;
  }

  /** Where the environment says where Redis is, the file does not. */
  private Config where(Config file) {
    String url = get(REDIS_URL);
    if (url == null) {
      return get(REDIS_HOST) == null ? file : RedisUrlKeys.standalone(file);
    }
    for (String other : List.of(REDIS_HOST, REDIS_PORT)) {
      if (!isServiceLink(other)) {
        checkAlone(REDIS_URL, other);
      }
    }
    Optional<Map<String, Object>> keys = RedisUrl.keys(url);
    if (keys.isEmpty()) {
      problem(REDIS_URL, RedisUrl.expected(url));
      return file;
    }
    return RedisUrlKeys.over(
        file, keys.get(), ConfigValueFactory.fromAnyRef(url, origin(REDIS_URL)));
  }

  private @Nullable String get(String variable) {
    String value = environment.get(variable);
    return value == null || value.isEmpty() ? null : value;
  }

  private void problem(String variable, String message) {
    problems.error(new Place(origin(variable), 0), message);
  }

  private static Config with(Config config, String key, @Nullable String value, String variable) {
    return value == null || value.isEmpty()
        ? config
        : config.withValue(key, ConfigValueFactory.fromAnyRef(value, origin(variable)));
  }
}
