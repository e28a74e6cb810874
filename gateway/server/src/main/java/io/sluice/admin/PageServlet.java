package io.sluice.admin;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the pages of one admin path, one for each method. HEAD is GET without the body, OPTIONS
 * names the methods, any other is a 405. No answer is stored by anybody or read as another type.
 */
final class PageServlet extends HttpServlet {

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(PageServlet.class);

  private final transient SortedMap<String, Page> pages;
  private final String allowed;

  PageServlet(Map<String, Page> pages) {
    this.pages = new TreeMap<>(pages);
    this.allowed =
        (pages.containsKey("GET") ? "GET, HEAD, " : "")
            + pages.keySet().stream()
                .filter(method -> !method.equals("GET"))
                .sorted()
                .map(method -> method + ", ")
                .reduce("", String::concat)
            + "OPTIONS";
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String method = request.getMethod();
    Page page = pages.get(method.equals("HEAD") ? "GET" : method);
    if (method.equals("OPTIONS")) {
      Answers.secure(response);
      response.setHeader("Allow", allowed);
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    } else {
      if (page == null) {
        response.setHeader("Allow", allowed);
      }
      Answers.send(response, answer(page, request), !method.equals("HEAD"));
    }
  }

  private Answer answer(@Nullable Page page, HttpServletRequest request) {
    if (page == null) {
      return Answer.problem(405, "Method not allowed", "this path answers " + allowed);
    }
    try {
      return page.answer(request);
    } catch (BadQueryException e) {
      return Answer.problem(e.status(), title(e.status()), e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("the admin page {} failed", request.getRequestURI(), e);
      return Answer.problem(500, "Internal error", "this is our fault; the log says more");
    }
  }

  private static String title(int status) {
    return switch (status) {
      case 404 -> "Not found";
      case 503 -> "Store does not answer";
      default -> "Bad request";
    };
  }
}
