package io.sluice.store;

/**
 * A bucket's debit was not carried out, so the bucket here knows more than the one in the shared
 * store. Nobody is to blame who is not blamed already.
 */
final class StillOwedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates one without a stack trace: it is a state of the store. */
  StillOwedException() {
    super("what was spent without Redis is not debited yet", null, false, false);
  }
}
