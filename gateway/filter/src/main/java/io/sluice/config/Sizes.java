package io.sluice.config;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The grammar of sizes: a whole number and a unit of 1,024s, for example {@code 16KiB}. */
final class Sizes {

  /** What a person should have written, for messages. */
  static final String EXPECTED =
      "a whole number and a unit (B, KiB, MiB or GiB), for example 16KiB";

  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([0-9]{1,9})([A-Za-z]+)");

  private static final Map<String, Long> OCTETS =
      Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

  private Sizes() {}

  /** Reads a size in octets; empty when the text is none. */
  static Optional<Long> parse(String text) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text);
    Long unit = matcher.matches() ? OCTETS.get(matcher.group(2)) : null;
    return unit == null
        ? Optional.empty()
        : Optional.of(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
  }

  /** Returns the size as a person would write it. */
  static String render(long octets) {
    for (String unit : new String[] {"GiB", "MiB", "KiB"}) {
      long one = OCTETS.getOrDefault(unit, 1L);
      if (octets != 0 && octets % one == 0) {
        return octets / one + unit;
      }
    }
    return octets + "B";
  }
}
