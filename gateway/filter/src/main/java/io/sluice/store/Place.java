package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.policy.Bandwidth;
import java.util.concurrent.CompletionStage;

/** A store that may have to decide in place of another one, and can tell the two apart. */
interface Place extends BucketStore {

  /**
   * Gives tokens back to the shared store, and nowhere else.
   *
   * @param tokens at least 1
   * @return fails where they are not known to have been given back
   */
  CompletionStage<Void> giveBackShared(BucketKey key, Bandwidth bandwidth, long tokens);
}
