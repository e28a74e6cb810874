package io.sluice.filter;

import io.sluice.identity.Identity;
import io.sluice.limit.Decision;
import io.sluice.request.CanonicalPath;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** Tells at once what reached it, and counts how often anything did. */
final class EchoServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;

  private final AtomicInteger calls = new AtomicInteger();

  int calls() {
    return calls.get();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    calls.incrementAndGet();
    Object caller = request.getAttribute(Identity.class.getName());
    Object decision = request.getAttribute(Decision.class.getName());
    String text =
        String.join(
            "|",
            request.getDispatcherType().name(),
            String.valueOf(request.getAttribute(CanonicalPath.class.getName())),
            String.valueOf(request.getQueryString()),
            caller instanceof Identity identity ? String.valueOf(identity.user()) : "nobody",
            decision == null ? "undecided" : decision.getClass().getSimpleName(),
            String.valueOf(request.getHeader("X-Number")),
            request.getMethod().equals("POST")
                ? new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                : "null");
    response.setContentType("text/plain");
    response.setContentLength(text.length());
    response.getWriter().print(text);
    if (request.getDispatcherType() != DispatcherType.INCLUDE) {
      response.flushBuffer();
    }
  }
}
