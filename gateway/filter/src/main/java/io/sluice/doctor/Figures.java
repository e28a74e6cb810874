package io.sluice.doctor;

import java.util.Locale;

/** Figures as people read them. */
final class Figures {

  private static final long KIB = 1_024;
  private static final long MIB = KIB * KIB;
  private static final long GIB = MIB * KIB;

  private Figures() {}

  /** Returns an amount of memory, for example {@code 1.5 MiB}. */
  static String octets(long octets) {
    if (octets >= GIB) {
      return tenths(octets / (double) GIB) + " GiB";
    }
    return octets >= MIB
        ? tenths(octets / (double) MIB) + " MiB"
        : tenths(octets / (double) KIB) + " KiB";
  }

  /** Returns nanoseconds in milliseconds, for example {@code 0.25 ms}. */
  static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
  }

  /** Returns a part of a whole that is above 0, in whole percent. */
  static String percent(long part, long whole) {
    return Math.round(100.0 * part / whole) + " %";
  }

  /** Returns a number and what it counts, for example {@code 1 key}, {@code 2 keys}. */
  static String count(long number, String one) {
    return number + " " + one + (number == 1 ? "" : "s");
  }

  private static String tenths(double number) {
    return String.format(Locale.ROOT, "%.1f", number);
  }
}
