package io.sluice.route;

import io.sluice.policy.RoutePattern;
import io.sluice.upstream.TimeLimits;
import io.sluice.upstream.Upstream;
import java.util.List;

/**
 * Where some requests go. Immutable but for the upstream behind it.
 *
 * @param match which requests; empty for what no other route covers
 * @param upstream where they go
 * @param authority host and port that stand in Host where a client names none
 * @param stripped how many leading segments of the path the upstream does not see
 * @param encodedSlash whether {@code %2F} and {@code %25} pass in these paths
 * @param limits how long the upstream is waited for
 */
public record Route(
    List<RoutePattern> match,
    Upstream upstream,
    String authority,
    int stripped,
    boolean encodedSlash,
    TimeLimits limits) {

  /** The request attribute that holds the route. */
  public static final String ATTRIBUTE = Route.class.getName();

  public Route {
    match = List.copyOf(match);
  }
}
