package io.sluice.redis;

import io.lettuce.core.RedisURI;
import java.util.concurrent.CompletionStage;

/**
 * Finds the server to connect to, anew for each attempt: which one it is, and the password it
 * takes, may have changed. Thread-safe.
 */
interface Target {

  /**
   * Returns where to connect and as whom; fails with what a person should be told of.
   *
   * @return completes without anybody waiting for it
   */
  CompletionStage<RedisURI> locate();
}
