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
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
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
  private final transient SlowClients slow;
  private final transient RequestFields requestFields;
  private final transient AnswerFields answerFields;

  /**
   * Creates a servlet that shares the server's selectors, threads, timer and buffers, all of which
   * must be running when it is initialised.
   *
   * @param problems writes the errors that are the gateway's own
   */
  public ForwardServlet(
      UpstreamSettings upstream,
      ForwardSettings settings,
      ProblemAnswer problems,
      Sockets sockets,
      Executor executor,
      Scheduler scheduler,
      ByteBufferPool buffers,
      UpstreamObserver observer) {
    this(
        upstream,
        settings,
        problems,
        sockets,
        executor,
        scheduler,
        buffers,
        observer,
        new SlowClients(PatienceSettings.DEFAULT, scheduler, CutObserver.NONE));
  }

  /**
   * Creates a servlet that bears slow clients in its own way.
   *
   * @param slow is started and stopped with the servlet
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
      SlowClients slow) {
    this.settings = settings;
    this.problems = problems;
    this.limits = upstream.limits();
    this.slow = slow;
    this.upstream =
        slow.before(new Http1Upstream(upstream, sockets, executor, scheduler, buffers), upstream);
    this.observer = observer;
    this.requestFields = new RequestFields(settings, upstream.upstream().getAuthority());
    this.answerFields = new AnswerFields(settings);
  }

  @Override
  public void init() {
    upstream.start();
    slow.start();
  }

  @Override
  public void destroy() {
    slow.stop();
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
    new Forwarding(this, request, response, target).start();
  }

  /** Returns what cannot be forwarded by this gateway; null where the request can. */
  private static @Nullable String unforwardable(HttpServletRequest request) {
    String method = request.getMethod();
    if (method.equals("CONNECT") || method.equals("TRACE")) {
      return "this gateway does not forward " + method;
    }
    String upgrade = request.getHeader("Upgrade");
    return upgrade != null && upgrade.toLowerCase(Locale.ROOT).contains("websocket")
        ? "this gateway does not forward WebSocket connections"
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

  SlowClients slow() {
    return slow;
  }

  AnswerFields answerFields() {
    return answerFields;
  }

  void requestFields(Request request, @Nullable RequestBody body, HttpFields.Mutable out) {
    Identity identity = (Identity) request.getAttribute(Identity.class.getName());
    requestFields.write(request, identity, body, out);
  }
}
