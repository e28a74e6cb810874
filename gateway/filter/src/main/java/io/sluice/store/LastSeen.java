package io.sluice.store;

import io.sluice.limit.BucketKey;
import org.jspecify.annotations.Nullable;

/** Remembers buckets of the shared store, for going on while it is away. Thread-safe. */
interface LastSeen {

  /** Remembers none. */
  LastSeen NOTHING =
      new LastSeen() {
        @Override
        public @Nullable Tokens lastSeen(BucketKey key, Terms whole, long now) {
          return null;
        }

        @Override
        public void forget(BucketKey key) {}
      };

  /**
   * Returns a bucket as it would be by now had nobody used it since it was last seen.
   *
   * @param whole what its limit is
   * @param now what the clock shows on which it is to go on
   * @return null where it is not remembered, or was seen to be full
   */
  @Nullable Tokens lastSeen(BucketKey key, Terms whole, long now);

  /** Forgets what a bucket held: it is full from now on. */
  void forget(BucketKey key);
}
