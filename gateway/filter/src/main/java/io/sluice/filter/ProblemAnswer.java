package io.sluice.filter;

import io.sluice.request.DecisionId;
import io.sluice.request.Exchange;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Answers a request with a problem: status, CORS fields, never stored by a cache, no content for
 * HEAD. Does not read the request's content. Thread-safe.
 */
public final class ProblemAnswer {

  /**
   * Under this attribute a request without an {@link Exchange} keeps the id it was answered with.
   */
  static final String ID_ATTRIBUTE = DecisionId.class.getName();

  private static final String REDUCED_CAPACITY =
      "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

  private final CorsFields cors;
  private final LongSupplier epochMillis;

  /** Creates one that names requests by the system's time. */
  public ProblemAnswer(AnswerSettings settings) {
    this(settings, System::currentTimeMillis);
  }

  ProblemAnswer(AnswerSettings settings, LongSupplier epochMillis) {
    this.cors = new CorsFields(settings.corsOrigins());
    this.epochMillis = epochMillis;
  }

  /** Answers with a problem that has no type of its own. */
  public void send(
      HttpServletRequest request,
      HttpServletResponse response,
      int status,
      String title,
      String detail)
      throws IOException {
    byte[] body = ProblemJson.bytes(status, title, detail, decisionId(request));
    write(request, response, status, body);
  }

  /** Answers 503: something of ours is full, and may have room in a second. */
  public void sendReducedCapacity(
      HttpServletRequest request, HttpServletResponse response, String detail) throws IOException {
    response.setHeader("Retry-After", "1");
    byte[] body =
        ProblemJson.bytes(
            REDUCED_CAPACITY, "Service unavailable", 503, detail, decisionId(request), Map.of());
    write(request, response, 503, body);
  }

  /** Answers that something of ours broke; does nothing where another answer has begun. */
  void sendFailure(HttpServletRequest request, HttpServletResponse response) throws IOException {
    if (!response.isCommitted()) {
      send(request, response, 500, "Internal server error", "the request could not be decided");
    }
  }

  /** Answers with a refusal; the rate-limit fields are written by then. */
  void send(HttpServletRequest request, HttpServletResponse response, Refusal refusal)
      throws IOException {
    response.setHeader("Retry-After", Long.toString(refusal.retryAfter()));
    if (GrpcRefusal.suits(request)) {
      GrpcRefusal.write(response, refusal);
      return;
    }
    write(request, response, refusal.status(), refusal.json(decisionId(request)));
  }

  /** Writes status and fields of a problem whose content others write, without blocking. */
  public void begin(HttpServletRequest request, HttpServletResponse response, int status) {
    cors.writeOwn(request, response);
    Leftover.announce(request, response);
    response.setStatus(status);
    response.setHeader("Cache-Control", "no-store");
    response.setContentType(ProblemJson.CONTENT_TYPE);
  }

  /** Returns the id that names this request in its answer and in the logs. */
  public String decisionId(HttpServletRequest request) {
    if (request.getAttribute(Exchange.ATTRIBUTE) instanceof Exchange exchange) {
      return exchange.decisionId();
    }
    if (request.getAttribute(ID_ATTRIBUTE) instanceof String id) {
      return id;
    }
    String id = DecisionId.at(epochMillis.getAsLong());
    request.setAttribute(ID_ATTRIBUTE, id);
    return id;
  }

  private void write(
      HttpServletRequest request, HttpServletResponse response, int status, byte[] body)
      throws IOException {
    begin(request, response, status);
    if (request.getMethod().equals("HEAD")) {
      response.setContentLength(body.length);
    } else if (Leftover.isReadAway(request)) {
      Leftover.afterAnswer(request, response, body);
    } else {
      // Held back in full and sent by the container when the chain returns: a client that takes
      // nothing must not hold the thread. A length set now would send it at once.
      response.setBufferSize(Math.max(response.getBufferSize(), body.length));
      response.getOutputStream().write(body);
    }
  }
}
