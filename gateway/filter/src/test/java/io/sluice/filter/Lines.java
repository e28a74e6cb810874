package io.sluice.filter;

import io.sluice.limit.LimitVerdict;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Policies;
import io.sluice.policy.Policy;
import io.sluice.policy.Policy.OnOutage;
import java.time.Duration;
import java.util.List;

/** Policies and verdicts on them, as short as tests want them. */
final class Lines {

  static final long SECOND = 1_000_000_000L;
  static final Policy CHAT = policy("chat", 1, limit("main", 20, Duration.ofMinutes(1)));

  private Lines() {}

  static Policy policy(String name, long cost, Limit... limits) {
    return new Policy(
        name,
        List.of(Policies.pattern("/**")),
        List.of(limits),
        cost,
        Policy.Mode.ENFORCE,
        OnOutage.LOCAL,
        List.of());
  }

  static Limit limit(String id, long rate, Duration period, KeyPart... key) {
    return limit(id, Bandwidth.of(rate, period), 429, key);
  }

  static Limit limit(String id, Bandwidth bandwidth, int status, KeyPart... key) {
    List<KeyPart> parts = key.length == 0 ? List.of(KeyPart.of(Kind.USER)) : List.of(key);
    return new Limit(id, parts, bandwidth, status);
  }

  static Bandwidth bandwidth(long burst, long rate, Duration period, Mode mode) {
    return new Bandwidth(burst, rate, period, mode);
  }

  static LimitVerdict granted(Policy policy, int limit, long remaining, long nanosToNext) {
    return line(policy, limit, new Verdict(true, remaining, nanosToNext, 0, Source.REDIS));
  }

  static LimitVerdict refused(Policy policy, int limit, long remaining, long nanosToGrant) {
    return line(policy, limit, new Verdict(false, remaining, 1, nanosToGrant, Source.REDIS));
  }

  static LimitVerdict line(Policy policy, int limit, Verdict verdict) {
    return new LimitVerdict(policy, policy.limits().get(limit), verdict);
  }
}
