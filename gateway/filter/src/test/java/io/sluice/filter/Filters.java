package io.sluice.filter;

import io.sluice.filter.AnswerSettings.Dialect;
import io.sluice.identity.HeaderIdentityResolver;
import io.sluice.identity.IdentityResolver;
import io.sluice.identity.IdentitySettings;
import io.sluice.limit.BucketStore;
import io.sluice.limit.CallerDigest;
import io.sluice.limit.LimitObserver;
import io.sluice.limit.RateLimiter;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Policies;
import io.sluice.policy.Policy;
import io.sluice.policy.PolicyBook;
import io.sluice.request.Cidr;
import io.sluice.request.PathRules;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Filters wired as an application would wire them, over any store. */
final class Filters {

  static final Set<DispatcherType> USUAL = EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC);

  private Filters() {}

  static Policy chat(long perMinute) {
    Limit limit = Policies.limit(Limit.MAIN, perMinute, KeyPart.of(Kind.USER));
    return Policies.policy("chat", Policy.Mode.ENFORCE, List.of(limit), List.of(), "/chat/**");
  }

  static Filter limiting(BucketStore store, Policy policy) {
    return limiting(store, resolver(), settings(), policy);
  }

  static Filter limiting(
      BucketStore store, IdentityResolver resolver, AnswerSettings settings, Policy policy) {
    PolicyBook book = new PolicyBook("r1", List.of(policy));
    RateLimiter limiter =
        new RateLimiter(
            () -> book, store, new CallerDigest(null), LimitObserver.NONE, System::nanoTime);
    return new RateLimitFilter(limiter, resolver, PathRules.DEFAULT, settings);
  }

  static AnswerSettings settings() {
    return new AnswerSettings(Set.of(Dialect.values()), List.of());
  }

  static IdentityResolver resolver() {
    return new HeaderIdentityResolver(
        new IdentitySettings(
            List.of(Cidr.parse("127.0.0.0/8")),
            "X-User-Id",
            "X-User-Roles",
            "X-Api-Key",
            List.of(),
            64,
            null));
  }
}
