package io.sluice.balance;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the health of servers is found out. Immutable.
 *
 * @param path what each server is asked for; null when none is asked
 * @param interval between two questions; without questions, between two requests that try a server
 *     which could not be connected to
 * @param timeout for the head of the answer, connecting included; no longer than the interval
 * @param healthyAfter good answers in a row that make a server healthy
 * @param unhealthyAfter bad answers in a row, or connections that did not open in time, that make
 *     it unhealthy; one refused connection does so at once
 * @param good the statuses of good answers
 */
public record HealthSettings(
    @Nullable String path,
    Duration interval,
    Duration timeout,
    int healthyAfter,
    int unhealthyAfter,
    List<StatusRange> good) {

  /** No questions: servers are left out only when they cannot be connected to. */
  public static final HealthSettings UNASKED =
      new HealthSettings(null, Duration.ofSeconds(5), Duration.ofSeconds(1), 2, 3, List.of());

  public HealthSettings {
    good = List.copyOf(good);
    if (timeout.toMillis() < 1 || timeout.compareTo(interval) > 0) {
      throw new IllegalArgumentException("the time-out must be from 1ms to the interval");
    }
    if (healthyAfter < 1 || unhealthyAfter < 1) {
      throw new IllegalArgumentException("answers in a row must be 1 or more");
    }
  }

  boolean isGood(int status) {
    for (StatusRange range : good) {
      if (range.holds(status)) {
        return true;
      }
    }
    return false;
  }
}
