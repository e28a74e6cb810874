package io.sluice.filter;

import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import java.time.Duration;
import java.util.List;

/** Says in plain English what a limit allows and how long to wait. */
final class Wording {

  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  private Wording() {}

  /** Returns, for example, {@code chat allows 20 requests in 1 minute for each user}. */
  static String allowance(Policy policy, Limit limit) {
    Bandwidth bandwidth = limit.bandwidth();
    boolean single = policy.cost() == 1;
    StringBuilder out = new StringBuilder(80).append(policy.nameOf(limit)).append(" allows ");
    out.append(count(bandwidth.refill(), single ? "request" : "token"));
    out.append(bandwidth.mode() == Mode.INTERVAL ? " every " : " in ");
    out.append(period(bandwidth));
    if (bandwidth.capacity() != bandwidth.refill()) {
      out.append(", up to ").append(bandwidth.capacity()).append(" at once,");
    }
    out.append(" for ").append(whom(limit.key()));
    if (!single) {
      out.append(", and a request takes ").append(policy.cost());
    }
    return out.toString();
  }

  /**
   * Returns a wait in words, in at most two units and never shorter than it is: {@code 3 seconds},
   * {@code 14 minutes 3 seconds}, {@code 2 days 1 hour}.
   */
  static String duration(long seconds) {
    if (seconds < HOUR) {
      return twoUnits(seconds, MINUTE, "minute", 1, "second");
    }
    if (roundUp(seconds, MINUTE) < DAY) {
      return twoUnits(roundUp(seconds, MINUTE), HOUR, "hour", MINUTE, "minute");
    }
    return twoUnits(roundUp(seconds, HOUR), DAY, "day", HOUR, "hour");
  }

  private static String twoUnits(
      long seconds, long large, String largeUnit, long small, String smallUnit) {
    long wholes = seconds / large;
    long rest = seconds % large / small;
    if (wholes == 0) {
      return count(rest, smallUnit);
    }
    String text = count(wholes, largeUnit);
    return rest == 0 ? text : text + " " + count(rest, smallUnit);
  }

  private static long roundUp(long seconds, long unit) {
    return (seconds + unit - 1) / unit * unit;
  }

  /** The period in the largest unit that measures it exactly; "every minute", but "in 1 minute". */
  private static String period(Bandwidth bandwidth) {
    Duration period = bandwidth.period();
    long seconds = period.toSeconds();
    if (!period.equals(Duration.ofSeconds(seconds))) {
      return period(bandwidth, period.toMillis(), "millisecond");
    }
    if (seconds % DAY == 0) {
      return period(bandwidth, seconds / DAY, "day");
    }
    if (seconds % HOUR == 0) {
      return period(bandwidth, seconds / HOUR, "hour");
    }
    return seconds % MINUTE == 0
        ? period(bandwidth, seconds / MINUTE, "minute")
        : period(bandwidth, seconds, "second");
  }

  private static String period(Bandwidth bandwidth, long number, String unit) {
    return number == 1 && bandwidth.mode() == Mode.INTERVAL ? unit : count(number, unit);
  }

  private static String count(long number, String thing) {
    return number + " " + thing + (number == 1 ? "" : "s");
  }

  private static String whom(List<KeyPart> key) {
    List<String> words =
        key.stream().filter(part -> part.kind() != Kind.GLOBAL).map(Wording::word).toList();
    if (words.isEmpty()) {
      return "all callers together";
    }
    int last = words.size() - 1;
    String head = String.join(", ", words.subList(0, last));
    return "each " + (last == 0 ? "" : head + " and ") + words.get(last);
  }

  private static String word(KeyPart part) {
    return switch (part.kind()) {
      case IP -> "address";
      case API_KEY -> "API key";
      case HEADER -> part.name() + " header";
      case COOKIE -> part.name() + " cookie";
      case QUERY -> part.name() + " parameter";
      case PATH, CLAIM -> part.name();
      default -> part.kind().word();
    };
  }
}
