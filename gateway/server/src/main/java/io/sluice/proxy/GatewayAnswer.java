package io.sluice.proxy;

import io.sluice.filter.ProblemAnswer;
import io.sluice.filter.ProblemJson;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/** An error that forwarding answers by itself. */
record GatewayAnswer(int status, @Nullable String type, String title, String detail) {

  static final GatewayAnswer STALLED =
      new GatewayAnswer(408, null, "Request time-out", "the content of the request stopped coming");
  static final GatewayAnswer UNREADABLE =
      new GatewayAnswer(
          400, null, "Bad request", "the content of the request does not follow HTTP");

  private static final String REDUCED_CAPACITY =
      "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

  static GatewayAnswer of(UpstreamFailure failure) {
    return switch (failure.status()) {
      case 503 -> new GatewayAnswer(503, REDUCED_CAPACITY, "Service unavailable", failure.detail());
      case 504 -> new GatewayAnswer(504, null, "Gateway time-out", failure.detail());
      default -> new GatewayAnswer(failure.status(), null, "Bad gateway", failure.detail());
    };
  }

  /** Returns the answer for pouring. */
  AnswerPump.Answer answer(
      ProblemAnswer problems, HttpServletRequest request, HttpServletResponse response) {
    byte[] content = json(problems, request);
    return new AnswerPump.Answer(
        Content.Source.from(ByteBuffer.wrap(content)),
        () -> content.length,
        () -> begin(problems, request, response, content.length));
  }

  private byte[] json(ProblemAnswer problems, HttpServletRequest request) {
    return ProblemJson.bytes(
        type == null ? ProblemJson.BLANK : type,
        title,
        status,
        detail,
        problems.decisionId(request),
        Map.of());
  }

  private void begin(
      ProblemAnswer problems,
      HttpServletRequest request,
      HttpServletResponse response,
      int length) {
    problems.begin(request, response, status);
    response.setContentLength(length);
    if (status < 500) {
      // What comes next on the connection is not a request (RFC 9110, section 15.5.9).
      response.setHeader("Connection", "close");
    }
    if (status == 503) {
      response.setHeader("Retry-After", "1");
    }
  }
}
