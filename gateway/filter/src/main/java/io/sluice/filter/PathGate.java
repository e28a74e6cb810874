package io.sluice.filter;

import io.sluice.request.CanonicalPath;
import io.sluice.request.PathRules;
import io.sluice.request.RefusedPathException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Lets through requests whose path has one reading, and keeps that reading with the request. */
final class PathGate {

  static final String ATTRIBUTE = CanonicalPath.class.getName();

  private final PathRules rules;
  private final ProblemAnswer problems;

  PathGate(PathRules rules, ProblemAnswer problems) {
    this.rules = rules;
    this.problems = problems;
  }

  /** Returns the request's path; null when there is none, and then the request is answered. */
  @Nullable CanonicalPath read(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (request.getAttribute(ATTRIBUTE) instanceof CanonicalPath known) {
      return known;
    }
    try {
      CanonicalPath path = CanonicalPath.of(request.getRequestURI(), rules);
      request.setAttribute(ATTRIBUTE, path);
      return path;
    } catch (RefusedPathException e) {
      problems.send(request, response, 400, "Bad request", e.getMessage());
      return null;
    }
  }
}
