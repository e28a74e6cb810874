package io.sluice.filter;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.sluice.limit.LimitVerdict;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import java.util.List;

/**
 * The texts of every limit in force. They are kept as long as their policy is, which a reload
 * replaces, and found by its identity, because comparing policies would cost more than spelling
 * their texts. Thread-safe.
 */
final class LimitTexts {

  private final LoadingCache<Policy, List<LimitText>> texts =
      Caffeine.newBuilder().weakKeys().executor(Runnable::run).build(LimitTexts::spell);

  /** Returns the texts of the limit that gave this verdict. */
  LimitText of(LimitVerdict line) {
    List<Limit> limits = line.policy().limits();
    List<LimitText> spelled = texts.get(line.policy());
    for (int i = 0; i < limits.size(); i++) {
      if (limits.get(i).id().equals(line.limit().id())) {
        return spelled.get(i);
      }
    }
    throw new IllegalArgumentException("policy has no such limit: " + line.name());
  }

  private static List<LimitText> spell(Policy policy) {
    return policy.limits().stream().map(limit -> LimitText.of(policy, limit)).toList();
  }
}
