package io.sluice.store;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that stands until it is told to go on. Thread-safe. */
final class FakeTime implements LongSupplier {

  private final AtomicLong nanos = new AtomicLong(1_800_000_000_000_000_000L);

  @Override
  public long getAsLong() {
    return nanos.get();
  }

  void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  void passNanos(long time) {
    nanos.addAndGet(time);
  }
}
