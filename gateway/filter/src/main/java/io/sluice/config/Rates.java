package io.sluice.config;

import io.sluice.policy.Bandwidth;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The grammar of rates: tokens and a period, {@code 20/min} or {@code 5/15min}. */
final class Rates {

  /** Tokens that return over a period. */
  record Rate(long tokens, Duration period) {}

  private static final Pattern RATE = Pattern.compile("([0-9]{1,13})/([0-9]*)([A-Za-z]+)");

  private Rates() {}

  /** Reads a rate that a bandwidth can have; empty when the text is none. */
  static Optional<Rate> parse(String text) {
    Matcher matcher = RATE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long tokens = Long.parseLong(matcher.group(1));
    return Durations.parse(period(matcher))
        .filter(period -> isPossible(tokens, period))
        .map(period -> new Rate(tokens, period));
  }

  /** Returns what a person should have written instead of the text. */
  static String expected(String text) {
    Matcher matcher = RATE.matcher(text.replaceAll("\\s", ""));
    if (!matcher.matches()) {
      return "N/period, for example 20/min or 5/15min";
    }
    Optional<Duration> period = Durations.parse(period(matcher));
    if (period.isEmpty()) {
      return "N/period with a period in ms, s, min, hour or day, for example 20/min or 5/15min"
          + Durations.nearest(period(matcher))
              .map(right -> "; did you mean " + matcher.group(1) + "/" + bare(right) + "?")
              .orElse("");
    }
    if (parse(matcher.group()).isPresent()) {
      return "no blanks; did you mean " + matcher.group() + "?";
    }
    return "1 to %d tokens, at most one a nanosecond, over 1ms to %s; limits = [] exempts on purpose"
        .formatted(Bandwidth.MOST_TOKENS, Durations.render(Bandwidth.LONGEST_PERIOD));
  }

  private static String period(Matcher matcher) {
    String number = matcher.group(2);
    return (number.isEmpty() ? "1" : number) + matcher.group(3);
  }

  /** One minute is written min. */
  private static String bare(String period) {
    return period.replaceFirst("^1(?=[a-z])", "");
  }

  private static boolean isPossible(long tokens, Duration period) {
    return tokens >= 1
        && tokens <= Bandwidth.MOST_TOKENS
        && period.toMillis() >= 1
        && period.compareTo(Bandwidth.LONGEST_PERIOD) <= 0
        && period.toNanos() >= tokens;
  }
}
