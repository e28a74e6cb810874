package io.sluice.limit;

import io.sluice.identity.Identity;
import io.sluice.limit.Decision.Exempt;
import io.sluice.limit.Decision.Exempt.Reason;
import io.sluice.limit.Decision.Metered;
import io.sluice.limit.Decision.Overloaded;
import io.sluice.policy.Bypass;
import io.sluice.policy.Limit;
import io.sluice.policy.Match;
import io.sluice.policy.Policy;
import io.sluice.policy.Policy.Mode;
import io.sluice.policy.PolicyBook;
import io.sluice.request.RequestView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Decides requests: finds the covering policies, draws from all their buckets at once, folds the
 * verdicts into a decision, and tells the observer. The only place that knows the rules of
 * limiting. Thread-safe.
 */
public final class RateLimiter {

  private final Supplier<PolicyBook> book;
  private final BucketStore store;
  private final CallerDigest digest;
  private final LimitObserver observer;
  private final LongSupplier nanoTime;

  /**
   * Creates a limiter.
   *
   * @param book the book in force, read once for each request
   * @param store where buckets live; answers during outages too, by its own fallback
   * @param digest how callers are named in keys
   * @param observer hears every decision
   * @param nanoTime elapsed nanoseconds from any origin, to time decisions with
   */
  public RateLimiter(
      Supplier<PolicyBook> book,
      BucketStore store,
      CallerDigest digest,
      LimitObserver observer,
      LongSupplier nanoTime) {
    this.book = book;
    this.store = store;
    this.digest = digest;
    this.observer = observer;
    this.nanoTime = nanoTime;
  }

  /**
   * Decides one request.
   *
   * @return the decision; complete at once when no store had to be asked over the network. It
   *     completes exceptionally only when the store breaks its contract.
   */
  public CompletionStage<Decision> decide(RequestView request, Identity caller) {
    long start = nanoTime.getAsLong();
    if (isPreflight(request)) {
      return exempt(Reason.PREFLIGHT, start);
    }
    List<Match> matches = book.get().covering(request);
    List<Claim> enforced = new ArrayList<>(4);
    Reason reason = Reason.UNCOVERED;
    for (Match match : matches) {
      Policy policy = match.policy();
      boolean bypassed = bypassed(policy, caller);
      if (policy.mode() == Mode.SHADOW) {
        if (!bypassed) {
          shadow(claims(match, request, caller));
        }
      } else if (bypassed) {
        reason = Reason.BYPASS;
      } else if (policy.limits().isEmpty()) {
        reason = Reason.UNLIMITED;
      } else {
        enforced.addAll(claims(match, request, caller));
      }
    }
    return enforced.isEmpty() ? exempt(reason, start) : meter(enforced, start);
  }

  /**
   * Returns the limits of one policy that a request meets, with what it would draw from each; for
   * looking at limits and resetting them. Creates and charges nothing.
   */
  public List<Claim> claims(Match match, RequestView request, Identity caller) {
    Policy policy = match.policy();
    List<Claim> claims = new ArrayList<>(policy.limits().size());
    for (Limit limit : policy.limits()) {
      String who = digest.of(CallerKey.describe(limit, match, request, caller));
      BucketKey key = new BucketKey(policy.name(), limit.id(), who);
      claims.add(
          new Claim(
              policy, limit, new Draw(key, limit.bandwidth(), policy.cost(), policy.onOutage())));
    }
    return claims;
  }

  /** A limit that a request meets, and what the request wants of its bucket. */
  public record Claim(Policy policy, Limit limit, Draw draw) {}

  private CompletionStage<Decision> exempt(Reason reason, long start) {
    Decision decision = new Exempt(reason);
    observer.decided(decision, nanoTime.getAsLong() - start);
    return CompletableFuture.completedFuture(decision);
  }

  private CompletionStage<Decision> meter(List<Claim> claims, long start) {
    return store
        .take(draws(claims))
        .handle((verdicts, failure) -> {
          Decision decision =
              failure == null ? new Metered(lines(claims, verdicts)) : overloaded(failure);
          observer.decided(decision, nanoTime.getAsLong() - start);
          return decision;
        });
  }

  private void shadow(List<Claim> claims) {
    if (!claims.isEmpty()) {
      store.take(draws(claims)).thenAccept(verdicts -> observer.shadowed(lines(claims, verdicts)));
    }
  }

  private static Decision overloaded(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof StoreOverloadedException) {
      return new Overloaded();
    }
    throw new CompletionException("the store broke its contract", cause);
  }

  private static List<Draw> draws(List<Claim> claims) {
    List<Draw> draws = new ArrayList<>(claims.size());
    for (Claim claim : claims) {
      draws.add(claim.draw);
    }
    return draws;
  }

  private static List<LimitVerdict> lines(List<Claim> claims, List<Verdict> verdicts) {
    List<LimitVerdict> lines = new ArrayList<>(claims.size());
    for (int i = 0; i < claims.size(); i++) {
      Claim claim = claims.get(i);
      lines.add(new LimitVerdict(claim.policy, claim.limit, verdicts.get(i)));
    }
    return lines;
  }

  private static boolean bypassed(Policy policy, Identity caller) {
    for (Bypass bypass : policy.bypass()) {
      if (exempts(bypass, caller)) {
        return true;
      }
    }
    return false;
  }

  private static boolean exempts(Bypass bypass, Identity caller) {
    if (bypass instanceof Bypass.Address address) {
      return address.cidr().contains(caller.address());
    }
    if (bypass instanceof Bypass.Role role) {
      return caller.roles().contains(role.role());
    }
    return bypass instanceof Bypass.User user && user.user().equals(caller.user());
  }

  /** CORS preflights carry no credentials and are not the page's to save (Fetch, section 4.8). */
  private static boolean isPreflight(RequestView request) {
    return request.method().equals("OPTIONS")
        && request.header("Origin") != null
        && request.header("Access-Control-Request-Method") != null;
  }
}
