package io.sluice.filter;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Dispatches each request once more, in the way its path says. */
final class Redispatching extends HttpServlet {

  private static final long serialVersionUID = 1L;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    switch (request.getServletPath()) {
      case "/chat/async" -> {
        var async = request.startAsync();
        async.start(() -> async.dispatch("/chat/page"));
      }
      case "/chat/forward" -> request.getRequestDispatcher("/chat/page").forward(request, response);
      case "/chat/include" -> request.getRequestDispatcher("/chat/page").include(request, response);
      default -> response.sendError(418);
    }
  }
}
