package io.sluice.store;

import org.jspecify.annotations.Nullable;

/**
 * A bucket's debit was not carried out, so the bucket here knows more than the one in the shared
 * store. The cause is what that failed with; none, where it did not, or is known to be away.
 */
final class StillOwedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates one without a stack trace: it is a state of the store. */
  StillOwedException(@Nullable Throwable why) {
    super("what was spent without Redis is not debited yet", why, false, false);
  }
}
