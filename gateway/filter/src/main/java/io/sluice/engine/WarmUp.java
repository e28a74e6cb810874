package io.sluice.engine;

import io.sluice.limit.BucketKey;
import io.sluice.limit.BucketStore;
import io.sluice.limit.Draw;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Policy.OnOutage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * Makes decisions that nobody asked for before the gateway serves, because the first ones of a JVM
 * load classes and take longer than a decision may: they would look like an outage.
 */
final class WarmUp {

  private static final int ROUNDS = 40;
  private static final int AT_ONCE = 16;
  private static final Duration LONGEST = Duration.ofSeconds(2);

  /** No policy of a user can have this name; its buckets are gone after a few seconds. */
  private static final String POLICY = ".warm-up";

  private WarmUp() {}

  /** Takes from the store, alone and at once; gives up when it fails or is slow. */
  static void of(BucketStore shared) {
    long end = System.nanoTime() + LONGEST.toNanos();
    try {
      for (int round = 0; round < ROUNDS && System.nanoTime() < end; round++) {
        await(shared, round % 2 == 0 ? 1 : AT_ONCE, end);
      }
    } catch (CompletionException e) {
      // Redis went away again: whoever asks next will find out and say so.
      return;
    }
  }

  private static void await(BucketStore shared, int atOnce, long end) {
    List<CompletableFuture<?>> taken = new ArrayList<>(atOnce);
    for (int i = 0; i < atOnce; i++) {
      taken.add(shared.take(List.of(draw("a"), draw("b" + i))).toCompletableFuture());
    }
    CompletableFuture.allOf(taken.toArray(CompletableFuture<?>[]::new))
        .orTimeout(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS)
        .join();
  }

  private static Draw draw(String caller) {
    return new Draw(
        new BucketKey(POLICY, "main", caller),
        Bandwidth.of(1000, Duration.ofSeconds(1)),
        1,
        OnOutage.LOCAL);
  }
}
