package io.sluice.store;

import java.util.concurrent.CompletableFuture;

/** A recovery with nothing to do, for tests about the switch alone. */
final class NothingOwed {

  private NothingOwed() {}

  static Recovery recovery() {
    return new Recovery(
        new MemoryBucketStore(new StoreSettings(1_000, 1), new FakeTime()),
        (key, bandwidth, tokens) -> CompletableFuture.completedFuture(Debit.NOT_DONE),
        key -> true,
        new OutageTally());
  }
}
