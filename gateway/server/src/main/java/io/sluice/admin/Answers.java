package io.sluice.admin;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Sends answers of the admin listener with the fields that each of them bears. */
final class Answers {

  private Answers() {}

  /** Sends an answer; HEAD gets the length of the body and not the body. */
  static void send(HttpServletResponse response, Answer answer, boolean withBody)
      throws IOException {
    secure(response);
    response.setStatus(answer.status());
    response.setContentType(answer.contentType());
    response.setContentLength(answer.body().length);
    if (withBody) {
      response.getOutputStream().write(answer.body());
    }
  }

  /** Keeps the answer out of caches and browsers from guessing its type. */
  static void secure(HttpServletResponse response) {
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
  }
}
