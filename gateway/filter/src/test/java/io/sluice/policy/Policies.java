package io.sluice.policy;

import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Policy.Mode;
import io.sluice.policy.Policy.OnOutage;
import io.sluice.policy.RoutePattern.Segment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Policies as short as tests want them. */
public final class Policies {

  private Policies() {}

  /**
   * Reads {@code [METHOD ][//host]/path} with the segments {@code *}, {@code {name}}, {@code **}.
   */
  public static RoutePattern pattern(String text) {
    int space = text.indexOf(' ');
    String rest = text.substring(space + 1);
    String host = null;
    if (rest.startsWith("//")) {
      int slash = rest.indexOf('/', 2);
      host = rest.substring(2, slash);
      rest = rest.substring(slash);
    }
    List<Segment> segments = new ArrayList<>();
    for (String segment : rest.substring(1).split("/", -1)) {
      if (!segment.isEmpty()) {
        segments.add(segment(segment));
      }
    }
    Set<String> methods = space < 0 ? Set.of() : Set.of(text.substring(0, space));
    return new RoutePattern(methods, host, segments, text);
  }

  private static Segment segment(String text) {
    if (text.equals("**")) {
      return new Segment.Rest();
    }
    if (text.equals("*")) {
      return new Segment.One("");
    }
    return text.startsWith("{")
        ? new Segment.One(text.substring(1, text.length() - 1))
        : new Segment.Literal(text);
  }

  /** A limit of so many a minute. */
  public static Limit limit(String id, long perMinute, KeyPart... key) {
    return new Limit(id, List.of(key), Bandwidth.of(perMinute, Duration.ofMinutes(1)), 429);
  }

  /** The everyday policy: 20 a minute for each user. */
  public static Policy policy(String name, String... patterns) {
    return policy(
        name,
        Mode.ENFORCE,
        List.of(limit(Limit.MAIN, 20, KeyPart.of(Kind.USER))),
        List.of(),
        patterns);
  }

  /** A policy of one token a request that counts locally during outages. */
  public static Policy policy(
      String name, Mode mode, List<Limit> limits, List<Bypass> bypass, String... patterns) {
    List<RoutePattern> match = List.of(patterns).stream().map(Policies::pattern).toList();
    return new Policy(name, match, limits, 1, mode, OnOutage.LOCAL, bypass);
  }
}
