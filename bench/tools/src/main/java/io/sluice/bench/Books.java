package io.sluice.bench;

import io.sluice.policy.Bandwidth;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import io.sluice.policy.Policy.Mode;
import io.sluice.policy.Policy.OnOutage;
import io.sluice.policy.PolicyBook;
import io.sluice.policy.RoutePattern;
import io.sluice.policy.RoutePattern.Segment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Policy books to measure with. */
final class Books {

  /** So many that no benchmark uses them up. */
  static final Bandwidth PLENTY = Bandwidth.of(Bandwidth.MOST_TOKENS, Duration.ofHours(1));

  private Books() {}

  /** Returns a book of one policy on {@code /api/**}. */
  static PolicyBook of(Limit... limits) {
    RoutePattern everything = pattern(Set.of(), new Segment.Literal("api"), new Segment.Rest());
    return new PolicyBook("bench", List.of(policy("api", everything, List.of(limits))));
  }

  /**
   * Returns a book of so many policies, of which half cover everything below a name of their own
   * and half one method on a path with a variable.
   */
  static PolicyBook of(int policies) {
    List<Policy> all = new ArrayList<>(policies);
    for (int i = 0; i < policies; i++) {
      Segment own = new Segment.Literal("service-" + i);
      RoutePattern pattern =
          i % 2 == 0
              ? pattern(Set.of(), own, new Segment.Rest())
              : pattern(Set.of("GET"), own, new Segment.Literal("items"), new Segment.One("id"));
      all.add(policy("policy-" + i, pattern, List.of(limit("main", Kind.USER, PLENTY))));
    }
    return new PolicyBook("bench", all);
  }

  static Limit limit(String id, Kind kind, Bandwidth bandwidth) {
    return new Limit(id, List.of(KeyPart.of(kind)), bandwidth, 429);
  }

  private static RoutePattern pattern(Set<String> methods, Segment... segments) {
    return new RoutePattern(methods, null, List.of(segments), "bench");
  }

  private static Policy policy(String name, RoutePattern pattern, List<Limit> limits) {
    return new Policy(name, List.of(pattern), limits, 1, Mode.ENFORCE, OnOutage.LOCAL, List.of());
  }
}
