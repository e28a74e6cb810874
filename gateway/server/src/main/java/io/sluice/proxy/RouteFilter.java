package io.sluice.proxy;

import io.sluice.filter.ProblemAnswer;
import io.sluice.filter.ServletRequestView;
import io.sluice.request.CanonicalPath;
import io.sluice.request.RefusedPathException;
import io.sluice.route.Route;
import io.sluice.route.RouteTable;
import io.sluice.route.Routes;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Finds the route of a request before anybody judges it, because a route says which paths may pass.
 * Leaves the {@link CanonicalPath} and the {@link Route} with the request, each under its class
 * name: what is limited is what is forwarded, by one table. A request without a route goes on, so
 * that it is limited too, and is answered by {@link ForwardServlet}. Thread-safe.
 */
public final class RouteFilter implements Filter {

  private final Routes routes;
  private final ProblemAnswer problems;

  /** Creates a filter; the first in the pipeline. */
  public RouteFilter(Routes routes, ProblemAnswer problems) {
    this.routes = routes;
    this.problems = problems;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    HttpServletRequest http = (HttpServletRequest) request;
    if (http.getAttribute(CanonicalPath.class.getName()) == null) {
      try {
        choose(http, routes.table());
      } catch (RefusedPathException e) {
        problems.send(http, (HttpServletResponse) response, 400, "Bad request", e.getMessage());
        return;
      }
    }
    chain.doFilter(request, response);
  }

  private static void choose(HttpServletRequest request, RouteTable table)
      throws RefusedPathException {
    CanonicalPath path = CanonicalPath.of(request.getRequestURI(), table.reading());
    Route route =
        table.isSingle() ? table.otherwise() : table.find(new ServletRequestView(request, path));
    if (route != null) {
      if (!route.encodedSlash()) {
        path.refuseEncodedSlash();
      }
      request.setAttribute(Route.ATTRIBUTE, route);
    }
    request.setAttribute(CanonicalPath.class.getName(), path);
  }
}
