package io.sluice.filter;

import io.sluice.limit.Decision.Metered;
import io.sluice.limit.LimitVerdict;
import java.util.List;
import java.util.Map;

/**
 * What a refused client is told (RFC 6585, section 4; RFC 9457; problem types of
 * draft-ietf-httpapi-ratelimit-headers-11).
 *
 * @param status 429, or 503 where the client is not at fault
 * @param type URI of the problem type
 * @param title the type in words
 * @param detail which limit refused, what it allows, and when to come again
 * @param retryAfter whole seconds, rounded up, at least 1, after which every limit that refused
 *     would have the tokens
 * @param violated names of the limits that refused
 */
record Refusal(
    int status, String type, String title, String detail, long retryAfter, List<String> violated) {

  private static final String TYPES = "https://iana.org/assignments/http-problem-types#";
  private static final int TOO_MANY_REQUESTS = 429;

  /** The refusal of a request that could not be counted because too many are being served. */
  static final Refusal OVERLOADED =
      of(503, "too many requests are being served; try again in 1 second", 1, List.of());

  /** Returns the refusal that a decision which does not proceed amounts to. */
  static Refusal of(Metered decision, LimitTexts texts) {
    List<LimitVerdict> refusing = decision.refusing();
    LimitVerdict slowest = refusing.get(0);
    long retryAfter = 0;
    for (LimitVerdict line : refusing) {
      long seconds = texts.of(line).seconds(line.verdict());
      if (seconds > retryAfter) {
        retryAfter = seconds;
        slowest = line;
      }
    }
    String reason =
        slowest.counted()
            ? texts.of(slowest).allowance()
            : slowest.name() + " cannot be counted at the moment";
    return of(
        decision.refusalStatus(),
        reason + "; try again in " + Wording.duration(retryAfter),
        retryAfter,
        refusing.stream().map(LimitVerdict::name).toList());
  }

  /** Returns the refusal of one request as problem details. */
  byte[] json(String decisionId) {
    Map<String, List<String>> extras =
        violated.isEmpty() ? Map.of() : Map.of("violated-policies", violated);
    return ProblemJson.bytes(type, title, status, detail, decisionId, extras);
  }

  private static Refusal of(int status, String detail, long retryAfter, List<String> violated) {
    return status == TOO_MANY_REQUESTS
        ? new Refusal(
            status, TYPES + "quota-exceeded", "Too many requests", detail, retryAfter, violated)
        : new Refusal(
            status,
            TYPES + "temporary-reduced-capacity",
            "Temporarily reduced capacity",
            detail,
            retryAfter,
            violated);
  }
}
