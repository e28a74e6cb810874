package io.sluice.config;

import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers substitutions from an environment; an empty variable counts as unset. */
final class EnvironmentResolver implements ConfigResolver {

  private final Map<String, String> environment;
  private final @Nullable ConfigResolver fallback;

  EnvironmentResolver(Map<String, String> environment, @Nullable ConfigResolver fallback) {
    this.environment = environment;
    this.fallback = fallback;
  }

  @Override
  public @Nullable ConfigValue lookup(String path) {
    String value = environment.get(path);
    if (value != null && !value.isEmpty()) {
      return ConfigValueFactory.fromAnyRef(value, EnvironmentVariables.origin(path));
    }
    return fallback == null ? null : fallback.lookup(path);
  }

  @Override
  public ConfigResolver withFallback(ConfigResolver next) {
    return new EnvironmentResolver(environment, next);
  }
}
