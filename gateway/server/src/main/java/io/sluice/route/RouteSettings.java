package io.sluice.route;

import io.sluice.policy.RoutePattern;
import io.sluice.upstream.TimeLimits;
import io.sluice.upstream.Upstream;
import java.util.List;

/**
 * Where some requests are to go. Immutable.
 *
 * @param match which requests; empty for what no other route covers
 * @param upstream the name of an upstream
 * @param stripped how many leading segments of the path the upstream does not see
 * @param encodedSlash whether {@code %2F} and {@code %25} pass in these paths
 * @param limits how long the upstream is waited for
 */
public record RouteSettings(
    List<RoutePattern> match,
    String upstream,
    int stripped,
    boolean encodedSlash,
    TimeLimits limits) {

  public RouteSettings {
    match = List.copyOf(match);
  }

  /**
   * Returns the route.
   *
   * @param to the upstream of that name
   * @param authority host and port that stand in Host where a client names none
   */
  public Route to(Upstream to, String authority) {
    return new Route(match, to, authority, stripped, encodedSlash, limits);
  }
}
