package io.sluice.app;

import io.sluice.balance.GroupSettings;
import io.sluice.route.RouteSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where requests go.
 *
 * @param upstreams all upstreams, each name once
 * @param routes in the order in which they count
 * @param otherwise where the rest goes; null when it is answered 404
 */
public record RoutingConfig(
    List<GroupSettings> upstreams, List<RouteSettings> routes, @Nullable RouteSettings otherwise) {

  /** The upstream that takes what no route covers. */
  static final String DEFAULT = "default";

  public RoutingConfig {
    upstreams = List.copyOf(upstreams);
    routes = List.copyOf(routes);
  }
}
