package io.sluice.route;

import io.sluice.policy.PatternTree;
import io.sluice.policy.RoutePattern;
import io.sluice.request.PathRules;
import io.sluice.request.RequestView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All routes in force, replaced whole on reload. Of the routes that cover a request the first in
 * the order written counts; how long it takes to find does not depend on how many there are.
 * Immutable and thread-safe.
 */
public final class RouteTable {

  /** One line of a route's match. */
  private record Line(int order, RoutePattern pattern, Route route) {}

  private final @Nullable Route otherwise;
  private final @Nullable PatternTree<Line> tree;
  private final PathRules reading;

  /**
   * Creates a table.
   *
   * @param routes in the order in which they count
   * @param otherwise what covers the rest; null when nothing does
   * @param rules how paths are read; those of a single route differ in encoded slashes only
   */
  public RouteTable(List<Route> routes, @Nullable Route otherwise, PathRules rules) {
    this.otherwise = otherwise;
    PatternTree<Line> lines = new PatternTree<>(Line::pattern);
    boolean passing = rules.encodedSlash();
    for (int order = 0; order < routes.size(); order++) {
      Route route = routes.get(order);
      passing |= route.encodedSlash();
      for (RoutePattern pattern : route.match()) {
        lines.add(new Line(order, pattern, route));
      }
    }
    this.tree = routes.isEmpty() ? null : lines;
    this.reading = new PathRules(rules.foldCase(), rules.foldTrailingSlash(), passing);
  }

  /** Returns how to read a path before its route is known: what any route lets pass passes. */
  public PathRules reading() {
    return reading;
  }

  /** Returns the route of all requests that no route covers; null when there is none. */
  public @Nullable Route otherwise() {
    return otherwise;
  }

  /** Returns whether there is nothing to choose from. */
  public boolean isSingle() {
    return tree == null;
  }

  /** Returns the route of a request; null when there is none. */
  public @Nullable Route find(RequestView request) {
    if (tree == null) {
      return otherwise;
    }
    List<Line> found = new ArrayList<>(4);
    tree.collect(request, found);
    Line first = null;
    for (Line line : found) {
      if (first == null || line.order() < first.order()) {
        first = line;
      }
    }
    return first == null ? otherwise : first.route();
  }
}
