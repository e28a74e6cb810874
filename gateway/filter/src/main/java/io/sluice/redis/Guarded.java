package io.sluice.redis;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Steps of ours on Netty's executors, which an exception would end for good, and with it all that
 * keeps the way to Redis; one that was scheduled would not even be told. Only a defect throws.
 */
final class Guarded {

  private static final Logger LOG = LoggerFactory.getLogger(Guarded.class);

  private Guarded() {}

  /** Returns a step that tells its exception, and throws none. */
  static Runnable step(Runnable step) {
    return () -> {
      try {
        step.run();
      } catch (RuntimeException e) {
        LOG.error("a step on the way to Redis failed; going on", e);
      }
    };
  }
}
