package io.sluice.redis;

import io.lettuce.core.RedisCommandExecutionException;
import org.jspecify.annotations.Nullable;

/** Redis did not answer a command as a healthy Redis would. */
public final class RedisUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final boolean unsent;

  /** Creates one without a stack trace: it is a state of the line, met on every request. */
  public RedisUnavailableException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  private RedisUnavailableException(String message, @Nullable Throwable cause, boolean unsent) {
    super(message, cause, false, false);
    this.unsent = unsent;
  }

  /** Returns the same, about a command that was never written to a connection. */
  RedisUnavailableException unsent() {
    return new RedisUnavailableException(String.valueOf(getMessage()), getCause(), true);
  }

  /** Returns whether the command was not carried out, for certain. */
  public boolean isUndone() {
    return unsent || isRefusal();
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
        && ErrorReply.of(error).is("TRYAGAIN");
  }
}
