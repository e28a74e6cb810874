package io.sluice.store;

/**
 * Bounds of what a gateway keeps in its own memory.
 *
 * @param localBuckets most buckets held in this process, and most states remembered of buckets in
 *     Redis; at least 1,000
 * @param queue most decisions waiting for Redis; at least 1
 */
public record StoreSettings(int localBuckets, int queue) {

  public StoreSettings {
    if (localBuckets < 1_000 || queue < 1) {
      throw new IllegalArgumentException(
          "localBuckets at least 1000, queue at least 1: %d, %d".formatted(localBuckets, queue));
    }
  }
}
