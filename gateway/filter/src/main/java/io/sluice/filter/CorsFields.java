package io.sluice.filter;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Set;

/**
 * Lets pages of configured origins read what the limiter says (Fetch, section 3.2).
 *
 * <p>An answer of our own names the page's origin as allowed. On an answer that comes from behind
 * us, who may read it is the upstream's to say, so only our fields are exposed, and only to the
 * configured origins: the field is added, and a browser reads all its lines as one list, so the
 * upstream's own list stays in force. Without origins nothing is written. Thread-safe.
 */
final class CorsFields {

  static final String EXPOSED =
      "RateLimit-Policy, RateLimit, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset,"
          + " Retry-After";

  private static final String EXPOSE = "Access-Control-Expose-Headers";
  private static final String ANY = "*";

  private final Set<String> origins;

  CorsFields(List<String> origins) {
    this.origins = Set.copyOf(origins);
  }

  /** Writes the fields of an answer of our own. */
  void writeOwn(HttpServletRequest request, HttpServletResponse response) {
    if (origins.isEmpty()) {
      return;
    }
    response.addHeader("Vary", "Origin");
    String origin = request.getHeader("Origin");
    if (origin != null && isAllowed(origin)) {
      response.setHeader("Access-Control-Allow-Origin", origin);
      response.setHeader(EXPOSE, EXPOSED);
    }
  }

  /** Writes the fields of an answer that comes from behind us. */
  void writeForwarded(HttpServletRequest request, HttpServletResponse response) {
    String origin = origins.isEmpty() ? null : request.getHeader("Origin");
    if (origin != null && isAllowed(origin)) {
      response.addHeader(EXPOSE, EXPOSED);
    }
  }

  private boolean isAllowed(String origin) {
    return origins.contains(ANY) || origins.contains(origin);
  }
}
