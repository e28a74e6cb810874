package io.sluice.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one grammar of durations: a whole number and a unit, for example {@code 15min}. A bare number
 * is refused, because people and libraries disagree about what it counts.
 */
public final class Durations {

  private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([0-9]{1,9})\\s*([A-Za-z]+)");

  private static final Map<String, Long> MILLIS = new LinkedHashMap<>();

  /** Other people's words; the grammar stays small, the answer names the right word. */
  private static final Map<String, String> SYNONYMS = new LinkedHashMap<>();

  static {
    MILLIS.put("ms", 1L);
    MILLIS.put("s", 1_000L);
    MILLIS.put("min", 60_000L);
    MILLIS.put("hour", 3_600_000L);
    MILLIS.put("day", 86_400_000L);
    synonyms("1ms", "milli", "millis", "millisecond", "milliseconds", "msec");
    synonyms("1s", "sec", "secs", "second", "seconds");
    synonyms("1min", "m", "mins", "minute", "minutes");
    synonyms("1hour", "h", "hr", "hrs", "hours");
    synonyms("1day", "d", "days");
    synonyms("7day", "w", "week", "weeks");
    synonyms("14day", "fortnight", "fortnights");
    synonyms("30day", "month", "months", "mo");
    synonyms("365day", "y", "year", "years");
  }

  private Durations() {}

  /** Reads a duration; empty when the text is none. */
  public static Optional<Duration> parse(String text) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text);
    if (!matcher.matches() || text.indexOf(' ') >= 0) {
      return Optional.empty();
    }
    Long millis = MILLIS.get(matcher.group(2));
    return millis == null
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(millis).multipliedBy(Long.parseLong(matcher.group(1))));
  }

  /** Returns what the person probably meant, if that can be guessed. */
  static Optional<String> nearest(String text) {
    Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    if (parse(text).isPresent()) {
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2);
    String synonym = SYNONYMS.get(unit.toLowerCase(Locale.ROOT));
    if (synonym != null) {
      Matcher one = NUMBER_AND_UNIT.matcher(synonym);
      return one.matches()
          ? Optional.of(number * Long.parseLong(one.group(1)) + one.group(2))
          : Optional.empty();
    }
    return Nearest.to(unit, MILLIS.keySet()).map(word -> number + word);
  }

  /** Returns what a person should have written instead of the text. */
  public static String expected(String text, Duration least, Duration most) {
    return "a whole number and a unit (ms, s, min, hour or day), from %s to %s%s"
        .formatted(
            render(least),
            render(most),
            nearest(text).map(right -> "; did you mean " + right + "?").orElse(""));
  }

  /** Returns the duration as a person would write it. */
  static String render(Duration duration) {
    String[] units = {"day", "hour", "min", "s"};
    long millis = duration.toMillis();
    for (String unit : units) {
      long one = MILLIS.getOrDefault(unit, 1L);
      if (millis != 0 && millis % one == 0) {
        return millis / one + unit;
      }
    }
    return millis + "ms";
  }

  private static void synonyms(String right, String... words) {
    for (String word : words) {
      SYNONYMS.put(word, right);
    }
  }
}
