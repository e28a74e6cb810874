package io.sluice.engine;

import io.sluice.redis.RedisSettings;

/** Redis is required by the settings and does not work. */
public final class RedisRequiredException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  RedisRequiredException(RedisSettings settings, String problem) {
    super(
        "%s does not work (%s), and redis.required = true: mend it, or set redis.required = false"
            .formatted(settings, problem));
  }
}
