package io.sluice.bench.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How long tasks of this machine have waited for a processor, as Linux counts it (pressure stall
 * information). Where it does not, nothing is known and the machine is taken to have been idle.
 */
final class Pressure {

  private static final Path CPU = Path.of("/proc/pressure/cpu");
  private static final String TOTAL = " total=";

  private final long waitedAtStart;
  private final long start = System.nanoTime();

  private Pressure(long waited) {
    this.waitedAtStart = waited;
  }

  /** Begins to count now. */
  static Pressure sinceNow() throws IOException {
    return new Pressure(waitedNanos());
  }

  /** Returns the share of the time since the beginning in which some task waited, 0 to 1. */
  double share() throws IOException {
    return (double) (waitedNanos() - waitedAtStart) / (System.nanoTime() - start);
  }

  private static long waitedNanos() throws IOException {
    return Files.isReadable(CPU) ? waitedNanos(Files.readAllLines(CPU)) : 0;
  }

  /** Reads the line {@code some}, which ends with microseconds since the machine's start. */
  static long waitedNanos(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("some ") && line.contains(TOTAL))
        .mapToLong(
            line -> Long.parseLong(line.substring(line.indexOf(TOTAL) + TOTAL.length()).strip()))
        .map(TimeUnit.MICROSECONDS::toNanos)
        .sum();
  }
}
