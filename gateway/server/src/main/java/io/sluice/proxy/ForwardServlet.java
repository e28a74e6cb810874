package io.sluice.proxy;

import io.sluice.filter.ProblemAnswer;
import io.sluice.identity.Identity;
import io.sluice.request.CanonicalPath;
import io.sluice.request.RefusedPathException;
import io.sluice.upstream.Http1Upstream;
import io.sluice.upstream.Sockets;
import io.sluice.upstream.TimeLimits;
import io.sluice.upstream.Upstream;
import io.sluice.upstream.UpstreamSettings;
import io.sluice.websocket.Opening;
import io.sluice.websocket.Tunnels;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.ByteBufferPool;
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
  private final transient Upstream upstream;
  private final transient TimeLimits limits;
  private final transient UpstreamObserver observer;
  private final transient Tunnels tunnels;
  private final transient RequestFields requestFields;
  private final transient AnswerFields answerFields;

  /**
   * Creates a servlet that shares the server's selectors, threads, timer and buffers, all of which
   * must be running when it is initialised.
   *
   * @param problems writes the errors that are the gateway's own
   * @param tunnels what WebSocket connections become
   */
  public ForwardServlet(
      UpstreamSettings upstream,
      ForwardSettings settings,
      ProblemAnswer problems,
      Sockets sockets,
      Executor executor,
      Scheduler scheduler,
      ByteBufferPool buffers,
      UpstreamObserver observer,
      Tunnels tunnels) {
    this.settings = settings;
    this.problems = problems;
    this.limits = upstream.limits();
    this.upstream = new Http1Upstream(upstream, sockets, executor, scheduler, buffers);
    this.observer = observer;
    this.tunnels = tunnels;
    this.requestFields = new RequestFields(settings, upstream.upstream().getAuthority());
    this.answerFields = new AnswerFields(settings);
  }

  @Override
  public void init() {
    upstream.start();
  }

  @Override
  public void destroy() {
    upstream.stop();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String unforwardable = unforwardable(request);
    if (unforwardable != null) {
      problems.send(request, response, 501, "Not implemented", unforwardable);
      return;
    }
    if (settings.via() && Via.isLooping(fields(request))) {
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
    RequestTarget target = RequestTarget.of(path, request.getQueryString());
    Opening opening = opening(request);
    Handshake handshake =
        opening == null ? null : Handshake.begin(opening, tunnels, problems, request, response);
    if (opening == null || handshake != null) {
      new Forwarding(this, request, response, target, handshake).start();
    }
  }

  /** Returns what cannot be forwarded by this gateway; null where the request can. */
  private static @Nullable String unforwardable(HttpServletRequest request) {
    String method = request.getMethod();
    if (method.equals("CONNECT") || method.equals("TRACE")) {
      return "this gateway does not forward " + method;
    }
    return null;
  }

  /** Returns the WebSocket opening that a request is, if it can go to the upstream as one. */
  private @Nullable Opening opening(HttpServletRequest request) {
    ServletContextRequest core = ServletContextRequest.getServletContextRequest(request);
    return upstream.canSwitch()
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

  private static HttpFields fields(HttpServletRequest request) {
    return ServletContextRequest.getServletContextRequest(request).getHeaders();
  }

  Upstream upstream() {
    return upstream;
  }

  TimeLimits limits() {
    return limits;
  }

  ProblemAnswer problems() {
    return problems;
  }

  UpstreamObserver observer() {
    return observer;
  }

  AnswerFields answerFields() {
    return answerFields;
  }

  void requestFields(Request request, @Nullable RequestBody body, HttpFields.Mutable out) {
    Identity identity = (Identity) request.getAttribute(Identity.class.getName());
    requestFields.write(request, identity, body, out);
  }
}
