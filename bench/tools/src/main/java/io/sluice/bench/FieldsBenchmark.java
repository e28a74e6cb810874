package io.sluice.bench;

import io.sluice.filter.AnswerSettings;
import io.sluice.filter.AnswerSettings.Dialect;
import io.sluice.filter.RateLimitFilter;
import io.sluice.identity.Identity;
import io.sluice.limit.CallerDigest;
import io.sluice.limit.LimitObserver;
import io.sluice.limit.RateLimiter;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.PolicyBook;
import io.sluice.request.PathRules;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The rate-limit fields of a granted request, as the whole filter with and without them: what the
 * fields cost is the difference. Both include reading the path, finding the policy, digesting the
 * caller, and a store that answers the same at once; the answer is a list that fields are put into.
 */
@State(Scope.Benchmark)
public class FieldsBenchmark extends NanosPerCall {

  private static final Set<Dialect> ALL = EnumSet.allOf(Dialect.class);
  private static final Limit USER = Books.limit("user", Kind.USER, Books.PLENTY);
  private static final PolicyBook ONE = Books.of(USER);
  private static final PolicyBook THREE =
      Books.of(
          USER,
          Books.limit("endpoint", Kind.ROUTE, Books.PLENTY),
          Books.limit("everybody", Kind.GLOBAL, Books.PLENTY));

  private final RateLimitFilter oneWith = filter(ONE, ALL);
  private final RateLimitFilter oneWithout = filter(ONE, Set.of());
  private final RateLimitFilter threeWith = filter(THREE, ALL);
  private final RateLimitFilter threeWithout = filter(THREE, Set.of());

  private static RateLimitFilter filter(PolicyBook book, Set<Dialect> dialects) {
    Identity caller = People.users(1)[0];
    RateLimiter limiter =
        new RateLimiter(
            () -> book,
            new GrantingStore(),
            new CallerDigest(null),
            LimitObserver.NONE,
            System::nanoTime);
    return new RateLimitFilter(
        limiter,
        request -> CompletableFuture.completedFuture(caller),
        PathRules.DEFAULT,
        new AnswerSettings(dialects, List.of()));
  }

  @Benchmark
  public int oneLimit() throws ServletException, IOException {
    return written(oneWith);
  }

  @Benchmark
  public int oneLimitWithoutFields() throws ServletException, IOException {
    return written(oneWithout);
  }

  @Benchmark
  public int threeLimits() throws ServletException, IOException {
    return written(threeWith);
  }

  @Benchmark
  public int threeLimitsWithoutFields() throws ServletException, IOException {
    return written(threeWithout);
  }

  private static int written(RateLimitFilter filter) throws ServletException, IOException {
    BareAnswer answer = new BareAnswer();
    filter.doFilter(new BareRequest("/api/chat/rooms/42/messages"), answer, (ask, reply) -> {});
    return answer.fields();
  }
}
