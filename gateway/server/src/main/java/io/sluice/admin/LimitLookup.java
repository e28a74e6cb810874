package io.sluice.admin;

import io.sluice.identity.Identity;
import io.sluice.identity.IdentityResolver;
import io.sluice.limit.RateLimiter;
import io.sluice.limit.RateLimiter.Claim;
import io.sluice.policy.Limit;
import io.sluice.policy.Match;
import io.sluice.policy.Policy;
import io.sluice.policy.Policy.Mode;
import io.sluice.policy.PolicyBook;
import io.sluice.policy.RoutePattern;
import io.sluice.policy.RoutePattern.Segment;
import io.sluice.request.CanonicalPath;
import io.sluice.request.PathRules;
import io.sluice.request.RefusedPathException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the buckets that a query determines, by the same rules that find a request's. Thread-safe.
 */
final class LimitLookup {

  private final RateLimiter limiter;
  private final IdentityResolver resolver;
  private final PathRules rules;

  LimitLookup(RateLimiter limiter, IdentityResolver resolver, PathRules rules) {
    this.limiter = limiter;
    this.resolver = resolver;
    this.rules = rules;
  }

  /** A limit whose bucket depends on something that the query leaves out. */
  record Undetermined(Policy policy, Limit limit, List<String> missing) {}

  /**
   * What was found.
   *
   * @param determined the buckets of one policy after the other
   * @param undetermined the limits whose buckets remain unknown
   */
  record Found(List<List<Claim>> determined, List<Undetermined> undetermined) {}

  /** Finds the buckets; creates and charges nothing. */
  Found find(LimitQuery query, PolicyBook book) throws BadQueryException {
    List<List<Claim>> determined = new ArrayList<>();
    List<Undetermined> undetermined = new ArrayList<>();
    Identity caller = caller(query);
    for (Match match : matches(query, book)) {
      Policy policy = match.policy();
      List<Claim> known = new ArrayList<>();
      for (Claim claim : limiter.claims(match, request(query, match.pattern()), caller)) {
        List<String> missing = query.missing(policy, claim.limit());
        if (missing.isEmpty()) {
          known.add(claim);
        } else {
          undetermined.add(new Undetermined(policy, claim.limit(), missing));
        }
      }
      if (!known.isEmpty()) {
        determined.add(known);
      }
    }
    return new Found(determined, undetermined);
  }

  /** The resolver of real requests says how an address is counted. */
  private Identity caller(LimitQuery query) throws BadQueryException {
    AskedRequest nobody = new AskedRequest(query.addressOnly(), path("/", rules));
    return query.caller(resolver.resolve(nobody).toCompletableFuture().join());
  }

  private List<Match> matches(LimitQuery query, PolicyBook book) throws BadQueryException {
    String wanted = query.policy();
    Optional<Policy> named = wanted == null ? Optional.empty() : book.named(wanted);
    if (wanted != null && named.isEmpty()) {
      throw new BadQueryException(404, "there is no policy of that name; see /admin/policies");
    }
    String raw = query.path();
    if (raw != null) {
      return book.covering(new AskedRequest(query, path(raw, rules))).stream()
          .filter(match -> named.isEmpty() || named.get().equals(match.policy()))
          .toList();
    }
    return named.map(List::of).orElseGet(book::policies).stream()
        .filter(policy -> policy.mode() != Mode.OFF)
        .map(policy -> new Match(policy, policy.match().get(0)))
        .toList();
  }

  private AskedRequest request(LimitQuery query, RoutePattern pattern) throws BadQueryException {
    String raw = query.path();
    return new AskedRequest(query, raw == null ? example(pattern, query) : path(raw, rules));
  }

  /** Returns a path that the pattern covers, with the named segments that the query gives. */
  private CanonicalPath example(RoutePattern pattern, LimitQuery query) throws BadQueryException {
    StringBuilder raw = new StringBuilder();
    int count = 0;
    for (Segment segment : pattern.segments()) {
      if (!(segment instanceof Segment.Rest)) {
        raw.append('/').append(URLEncoder.encode(text(segment, query), StandardCharsets.UTF_8));
        count++;
      }
    }
    PathRules lenient = new PathRules(rules.foldCase(), rules.foldTrailingSlash(), true);
    CanonicalPath path = path(count == 0 ? "/" : raw.toString().replace("+", "%20"), lenient);
    if (path.segments().size() != count) {
      throw new BadQueryException("path.NAME must be one segment of a path");
    }
    return path;
  }

  private static String text(Segment segment, LimitQuery query) {
    if (segment instanceof Segment.Literal literal) {
      return literal.value();
    }
    String name = segment instanceof Segment.One one ? one.name() : "";
    @Nullable String given = name.isEmpty() ? null : query.named("path", name);
    return given == null || given.isEmpty() ? "-" : given;
  }

  private static CanonicalPath path(String raw, PathRules rules) throws BadQueryException {
    try {
      return CanonicalPath.of(raw, rules);
    } catch (RefusedPathException e) {
      throw new BadQueryException("path: " + e.getMessage());
    }
  }
}
