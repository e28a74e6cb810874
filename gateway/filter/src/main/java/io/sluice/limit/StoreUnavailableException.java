package io.sluice.limit;

import org.jspecify.annotations.Nullable;

/** A {@link BucketStore} could not answer; nothing is wrong with the request. */
public final class StoreUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates one without a stack trace: it is a state of the store, met on every request. */
  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }
}
