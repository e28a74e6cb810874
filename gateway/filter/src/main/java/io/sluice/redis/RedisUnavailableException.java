package io.sluice.redis;

import io.lettuce.core.RedisCommandExecutionException;
import org.jspecify.annotations.Nullable;

/** Redis did not answer a command as a healthy Redis would. */
public final class RedisUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates one without a stack trace: it is a state of the line, met on every request. */
  public RedisUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }

  /**
   * Returns whether Redis answered, and refused: it is not away, and will go on refusing until
   * somebody changes something.
   */
  public boolean isRefusal() {
    return getCause() instanceof RedisCommandExecutionException;
  }

  /**
   * Returns whether a cluster is just moving the keys to another node, so that some are here and
   * some are there: nothing was carried out, and each of them alone can be reached.
   */
  public boolean isBetweenNodes() {
    return getCause() instanceof RedisCommandExecutionException error
        && String.valueOf(error.getMessage()).startsWith("TRYAGAIN");
  }
}
