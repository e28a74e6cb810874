package io.sluice.store;

/**
 * What became of a debit.
 *
 * @param restored tokens that were found forgotten, and were taken out again
 * @param overdrawn by how many of the tokens debited the bucket is below zero now
 */
record Debit(Outcome outcome, long restored, long overdrawn) {

  /** It was not carried out, for certain. */
  static final Debit NOT_DONE = new Debit(Outcome.NOT_DONE, 0, 0);

  /** Nobody knows whether it was carried out. */
  static final Debit UNKNOWN = new Debit(Outcome.UNKNOWN, 0, 0);

  /** How it ended. */
  enum Outcome {
    DONE,
    NOT_DONE,
    UNKNOWN
  }
}
