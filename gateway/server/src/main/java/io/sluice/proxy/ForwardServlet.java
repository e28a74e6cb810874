package io.sluice.proxy;

import io.sluice.filter.ProblemAnswer;
import io.sluice.filter.ServletRequestView;
import io.sluice.identity.Identity;
import io.sluice.request.CanonicalPath;
import io.sluice.request.RefusedPathException;
import io.sluice.route.Route;
import io.sluice.route.Routes;
import io.sluice.websocket.Opening;
import io.sluice.websocket.Tunnels;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to the upstream and streams the answers back, without blocking a thread and
 * without gathering content. The last in the pipeline; runs in Jetty only.
 *
 * <p>A filter in front may leave two request attributes: the {@link CanonicalPath} to forward, and
 * the verified {@link Identity}, each under its class name. Filters that wrap the response see all
 * of the answer; the content of a request is taken from the container, so wrapping it is in vain.
 */
public final class ForwardServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private final transient ForwardSettings settings;
  private final transient ProblemAnswer problems;
  private final transient Routes routes;
  private final transient Scheduler scheduler;
  private final transient UpstreamObserver observer;
  private final transient Tunnels tunnels;
  private final transient SlowClients slow;
  private final transient RequestFields requestFields;
  private final transient AnswerFields answerFields;
  private final transient Methods methods;

  /**
   * Creates a servlet.
   *
   * @param routes where requests go where no {@link RouteFilter} has said so; started and stopped
   *     with the servlet
   * @param problems writes the errors that are the gateway's own
   * @param scheduler wakes for exchanges that may last for some time only
   * @param tunnels what WebSocket connections become
   * @param slow how slow clients are borne; started and stopped with the servlet
   */
  public ForwardServlet(
      Routes routes,
      ForwardSettings settings,
      ProblemAnswer problems,
      Scheduler scheduler,
      UpstreamObserver observer,
      Tunnels tunnels,
      SlowClients slow) {
    this.routes = routes;
    this.settings = settings;
    this.problems = problems;
    this.scheduler = scheduler;
    this.slow = slow;
    this.observer = observer;
    this.tunnels = tunnels;
    this.requestFields = new RequestFields(settings);
    this.answerFields = new AnswerFields(settings);
    this.methods = new Methods(problems);
  }

  @Override
  public void init() {
    routes.start();
    slow.start();
  }

  @Override
  public void destroy() {
    slow.stop();
    routes.stop();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    HttpFields fields = fields(request);
    if (methods.answer(request, fields, response)) {
      return;
    }
    if (settings.via() && Via.isLooping(fields)) {
      problems.send(
          request, response, 502, "Bad gateway", "the request goes in circles between gateways");
      return;
    }
    CanonicalPath path;
    try {
      path = path(request);
    } catch (RefusedPathException e) {
      problems.send(request, response, 400, "Bad request", e.getMessage());
      return;
    }
    Route route = route(request, path);
    if (route == null) {
      problems.send(
          request, response, 404, "Not found", "no route of this gateway covers this request");
      return;
    }
    RequestTarget target =
        RequestTarget.of(path.encodedWithout(route.stripped()), request.getQueryString());
    Opening opening = opening(request, route);
    Handshake handshake =
        opening == null ? null : Handshake.begin(opening, tunnels, problems, request, response);
    if (opening == null || handshake != null) {
      new Forwarding(this, request, response, route, target, handshake).start();
    }
  }

  /** Returns the WebSocket opening that a request is, if it can go to the upstream as one. */
  private static @Nullable Opening opening(HttpServletRequest request, Route route) {
    ServletContextRequest core = ServletContextRequest.getServletContextRequest(request);
    return route.upstream().canSwitch()
        ? Opening.of(
            core.getMethod(), core.getConnectionMetaData().getHttpVersion(), core.getHeaders())
        : null;
  }

  private CanonicalPath path(HttpServletRequest request) throws RefusedPathException {
    Object known = request.getAttribute(CanonicalPath.class.getName());
    return known instanceof CanonicalPath path
        ? path
        : CanonicalPath.of(request.getRequestURI(), settings.paths());
  }

  private @Nullable Route route(HttpServletRequest request, CanonicalPath path) {
    return request.getAttribute(Route.ATTRIBUTE) instanceof Route known
        ? known
        : routes.table().find(new ServletRequestView(request, path));
  }

  private static HttpFields fields(HttpServletRequest request) {
    return ServletContextRequest.getServletContextRequest(request).getHeaders();
  }

  Scheduler scheduler() {
    return scheduler;
  }

  ProblemAnswer problems() {
    return problems;
  }

  UpstreamObserver observer() {
    return observer;
  }

  SlowClients slow() {
    return slow;
  }

  AnswerFields answerFields() {
    return answerFields;
  }

  @Nullable RequestBody body(Request request) {
    return RequestBody.of(request, requestFields);
  }

  HeldContent held(RequestBody body, Interims interims) {
    return new HeldContent(body, interims, scheduler);
  }

  void requestFields(
      Request request, Route route, @Nullable RequestBody body, HttpFields.Mutable out) {
    Identity identity = (Identity) request.getAttribute(Identity.class.getName());
    requestFields.write(request, route.authority(), identity, body, out);
  }
}
