package io.sluice.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The environment variables that deployments expect. A set variable beats the file, an empty one
 * counts as unset. Those that hold a secret have a twin, {@code NAME_FILE}, that names a file with
 * the secret in it.
 */
final class EnvironmentVariables {

  private static final String REDIS_URL = "REDIS_URL";

  private static final Map<String, String> KEYS = new LinkedHashMap<>();

  static {
    KEYS.put("REDIS_ENABLED", "redis.enabled");
    KEYS.put("REDIS_HOST", "redis.host");
    KEYS.put("REDIS_PORT", "redis.port");
    KEYS.put("REDIS_DB", "redis.database");
    KEYS.put("REDIS_USERNAME", "redis.username");
    KEYS.put("SLUICE_PORT", "server.port");
    KEYS.put("SLUICE_UPSTREAM", "upstream");
    KEYS.put("SLUICE_ADMIN_HOST", "admin.host");
    KEYS.put("SLUICE_ADMIN_PORT", "admin.port");
  }

  private static final Map<String, String> SECRETS = new LinkedHashMap<>();

  static {
    SECRETS.put("REDIS_PASSWORD", "redis.password");
    SECRETS.put("SLUICE_SECRET", "identity.secret");
    SECRETS.put("SLUICE_ADMIN_TOKEN", "admin.token");
  }

  private static final Pattern URL =
      Pattern.compile(
          "redis://(?:([^:@/]*):([^@/]*)@)?(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)"
              + "(?::([0-9]{1,5}))?(?:/([0-9]{0,5}))?");

  private static final int LONGEST_SECRET = 65_536;

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
    Config config = url(file.toConfig());
    for (Map.Entry<String, String> variable : KEYS.entrySet()) {
      if (!isServiceLink(variable.getKey())) {
        config = with(config, variable.getValue(), get(variable.getKey()), variable.getKey());
      }
    }
    for (Map.Entry<String, String> variable : SECRETS.entrySet()) {
      config = secret(config, variable.getKey(), variable.getValue());
    }
    return config.root();
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
    String twin = name + "_FILE";
    String file = get(twin);
    if (file == null) {
      return with(config, key, get(name), name);
    }
    if (get(name) != null) {
      problem(twin, name + " is set too: expected only one of them");
    }
    return with(config, key, contents(twin, file), twin);
  }

  private @Nullable String contents(String variable, String file) {
    try {
      Path path = Path.of(file);
      if (Files.size(path) > LONGEST_SECRET) {
        problem(variable, file + " is larger than " + Sizes.render(LONGEST_SECRET));
        return null;
      }
      String text = Files.readString(path).replaceFirst("\\R$", "");
      if (text.isBlank()) {
        problem(variable, file + " is empty: expected the secret in it");
      }
      return text;
    } catch (MalformedInputException e) {
      problem(variable, file + " cannot be read: expected UTF-8 text");
    } catch (IOException | InvalidPathException e) {
      problem(variable, file + " cannot be read: expected a readable file with the secret in it");
    }
    return null;
  }

  /** Parts that the URL does not name stay as they are, but for the port. */
  private Config url(Config config) {
    String url = get(REDIS_URL);
    if (url == null) {
      return config;
    }
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      problem(
          REDIS_URL,
          url.startsWith("rediss:")
              ? "TLS is not in this version: expected redis://"
              : "expected redis://user:password@host:port/database, where all but the host may be"
                  + " left out; user and password percent-encoded");
      return config;
    }
    Config merged = with(config, "redis.username", decoded(parts.group(1)), REDIS_URL);
    merged = with(merged, "redis.password", decoded(parts.group(2)), REDIS_URL);
    merged = with(merged, "redis.host", parts.group(3), REDIS_URL);
    merged =
        with(merged, "redis.port", parts.group(4) == null ? "6379" : parts.group(4), REDIS_URL);
    return with(merged, "redis.database", parts.group(5), REDIS_URL);
  }

  private @Nullable String decoded(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      problem(REDIS_URL, "expected user and password percent-encoded: a % and two hex digits");
      return null;
    }
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
