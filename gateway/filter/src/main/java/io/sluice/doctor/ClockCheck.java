package io.sluice.doctor;

import io.sluice.redis.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/** How far Redis' clock is from this machine's: the best of a few round trips' midpoints. */
final class ClockCheck implements Check {

  private static final String NAME = "clock-offset";
  private static final int SAMPLES = 9;
  private static final long CLOSE = Duration.ofSeconds(1).toNanos();
  private static final long FAR = Duration.ofMinutes(1).toNanos();

  private final LongSupplier wallNanos;
  private final LongSupplier nanoTime;

  /**
   * Creates one.
   *
   * @param wallNanos this machine's clock, in nanoseconds since the Unix epoch
   */
  ClockCheck(LongSupplier wallNanos, LongSupplier nanoTime) {
    this.wallNanos = wallNanos;
    this.nanoTime = nanoTime;
  }

  @Override
  public String group() {
    return "clock";
  }

  @Override
  public List<Finding> look(Patient patient) {
    long fastest = Long.MAX_VALUE;
    long offset = 0;
    for (int i = 0; i < SAMPLES; i++) {
      long wall = wallNanos.getAsLong();
      long sent = nanoTime.getAsLong();
      Reply time = patient.gateway().ask("TIME");
      long trip = nanoTime.getAsLong() - sent;
      if (time.list().size() != 2) {
        return List.of();
      }
      if (trip < fastest) {
        fastest = trip;
        offset = nanos(time) - (wall + trip / 2);
      }
    }
    return List.of(judge(offset, fastest));
  }

  private static Finding judge(long offset, long trip) {
    long apart = Math.abs(offset);
    String seen =
        String.format(
            Locale.ROOT,
            "Redis' clock is %.3f s %s this machine's (give or take %.3f s)",
            apart / 1e9,
            offset < 0 ? "behind" : "ahead of",
            trip / 2e9);
    if (apart <= CLOSE) {
      return Finding.ok(NAME, seen);
    }
    String why =
        "limits are counted by Redis' clock alone, so none is wrong; but a failover to a server"
            + " with another clock makes buckets fill early or late, and logs do not match";
    String remedy = "keep the clocks of all Redis servers and gateways by NTP";
    return apart <= FAR
        ? Finding.note(NAME, seen, why, remedy)
        : Finding.warning(NAME, seen, why, remedy);
  }

  private static long nanos(Reply time) {
    return Long.parseLong(Reply.text(time.list().get(0))) * 1_000_000_000
        + Long.parseLong(Reply.text(time.list().get(1))) * 1_000;
  }
}
