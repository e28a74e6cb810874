package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.policy.Bandwidth;
import java.util.concurrent.CompletionStage;

/** Where is debited, after an outage, what was spent during it. Thread-safe. */
interface Ledger {

  /**
   * Debits a bucket, even below zero. Where the shared store has lost it, what was last seen of it
   * is put back first.
   *
   * @param tokens given back when negative, up to the capacity; 0 only puts back what was lost
   * @return never completes exceptionally
   */
  CompletionStage<Debit> debit(BucketKey key, Bandwidth bandwidth, long tokens);
}
