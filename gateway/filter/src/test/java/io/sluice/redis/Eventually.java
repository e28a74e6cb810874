package io.sluice.redis;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition by looking again and again. */
final class Eventually {

  private Eventually() {}

  /** Returns the nanoseconds it took; fails when it takes longer than 20 s. */
  static long becomes(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    long longest = Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > longest) {
        fail("not within 20 s: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
    return System.nanoTime() - start;
  }
}
