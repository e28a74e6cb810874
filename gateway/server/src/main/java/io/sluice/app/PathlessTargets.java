package io.sluice.app;

import io.sluice.request.CanonicalPath;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Brings requests whose target is no path the way of all others: {@code OPTIONS *}, and CONNECT in
 * HTTP/2 (RFC 9112, section 3.2.4; RFC 9113, section 8.5). The servlet container would find nothing
 * for them, past all limits; here they are for the root, and {@code *} leaves its {@link
 * CanonicalPath} to forward.
 */
final class PathlessTargets extends Handler.Wrapper {

  PathlessTargets(Handler next) {
    super(next);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String path = request.getHttpURI().getPath();
    if (path != null && !path.equals("*")) {
      return super.handle(request, response, callback);
    }
    if (path != null && request.getHttpURI().getQuery() != null) {
      Response.writeError(request, response, callback, 400);
      return true;
    }
    return super.handle(new ForTheRoot(request, path != null), response, callback);
  }

  /** A request for the root instead. */
  private static final class ForTheRoot extends Request.Wrapper {

    private final HttpURI uri;
    private final boolean asterisk;

    ForTheRoot(Request request, boolean asterisk) {
      super(request);
      this.uri = HttpURI.build(request.getHttpURI()).path("/").asImmutable();
      this.asterisk = asterisk;
    }

    @Override
    public HttpURI getHttpURI() {
      return uri;
    }

    @Override
    public @Nullable Object getAttribute(String name) {
      return asterisk && name.equals(CanonicalPath.class.getName())
          ? CanonicalPath.SERVER
          : super.getAttribute(name);
    }
  }
}
