package io.sluice.store;

import org.jspecify.annotations.Nullable;

/**
 * What became of a debit.
 *
 * @param restored tokens that were found forgotten, and were taken out again
 * @param overdrawn by how many of the tokens debited the bucket is below zero now
 * @param why what the shared store failed with, where that kept the debit from being carried out
 */
record Debit(Outcome outcome, long restored, long overdrawn, @Nullable Throwable why) {

  /** It was not carried out, for certain, and the shared store did not fail. */
  static final Debit NOT_DONE = new Debit(Outcome.NOT_DONE, 0, 0, null);

  /** Nobody knows whether it was carried out. */
  static final Debit UNKNOWN = new Debit(Outcome.UNKNOWN, 0, 0, null);

  /** How it ended. */
  enum Outcome {
    DONE,
    NOT_DONE,
    UNKNOWN
  }

  static Debit done(long restored, long overdrawn) {
    return new Debit(Outcome.DONE, restored, overdrawn, null);
  }

  /** Returns that it was not carried out, for certain, because the shared store failed. */
  static Debit notDone(Throwable why) {
    return new Debit(Outcome.NOT_DONE, 0, 0, why);
  }
}
