package io.sluice.proxy;

import io.sluice.filter.ProblemAnswer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.http.HttpFields;

/**
 * Answers what goes no further than this gateway: methods that are not for gateways to forward, and
 * OPTIONS that has come as far as its sender wanted. Every other method passes, known or not, in
 * the case it came in.
 */
final class Methods {

  /** What a gateway can say of resources it does not know: all of these it forwards. */
  private static final String FORWARDED = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

  private final ProblemAnswer problems;

  Methods(ProblemAnswer problems) {
    this.problems = problems;
  }

  /** Answers the request if it ends here; returns whether it does. */
  boolean answer(HttpServletRequest request, HttpFields fields, HttpServletResponse response)
      throws IOException {
    String method = request.getMethod();
    switch (method.length()) {
      case 5 -> {
        return refuseIf(method.equalsIgnoreCase("TRACE"), request, response);
      }
      case 7 -> {
        return method.equals("OPTIONS")
            ? options(request, fields, response)
            : refuseIf(method.equalsIgnoreCase("CONNECT"), request, response);
      }
      default -> {
        return false;
      }
    }
  }

  /**
   * CONNECT would make a tunnel past every limit, and TRACE shows a page's script the credentials
   * that a browser or a gateway has added; neither is there for any resource, which 501 says (RFC
   * 9110, section 15.6.2). In other case they are methods nobody has defined, but some servers fold
   * case, and the target of a CONNECT is no path.
   */
  private boolean refuseIf(
      boolean refused, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (refused) {
      if (request.getProtocol().startsWith("HTTP/1")) {
        // What follows a CONNECT may be meant for the tunnel, and must not be read as requests.
        response.setHeader("Connection", "close");
      }
      problems.send(
          request,
          response,
          501,
          "Not implemented",
          "this gateway does not forward " + request.getMethod());
    }
    return refused;
  }

  private boolean options(
      HttpServletRequest request, HttpFields fields, HttpServletResponse response)
      throws IOException {
    if (!MaxForwards.isCountable(fields)) {
      // Passed on as it is, it would end no circle.
      problems.send(request, response, 400, "Bad request", "Max-Forwards must be one whole number");
      return true;
    }
    if (MaxForwards.isUsedUp(fields)) {
      response.setHeader("Allow", FORWARDED);
      response.setContentLength(0);
      return true;
    }
    return false;
  }
}
