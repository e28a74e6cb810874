package io.sluice.filter;

import io.sluice.filter.AnswerSettings.Dialect;
import io.sluice.limit.Decision.Metered;
import io.sluice.limit.LimitVerdict;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Set;

/**
 * Writes the rate-limit fields: one member for each limit that was counted, in the order of the
 * decision (draft-ietf-httpapi-ratelimit-headers-11), and the older fields for the one limit with
 * the least left in proportion. {@code RateLimit} and {@code RateLimit-Policy} are lists, so they
 * are added and keep what others wrote; the older ones are not, so they are set. Thread-safe.
 */
final class RateLimitFields {

  private final LimitTexts texts;
  private final boolean ietf;
  private final boolean old;

  RateLimitFields(LimitTexts texts, Set<Dialect> dialects) {
    this.texts = texts;
    this.ietf = dialects.contains(Dialect.IETF_11);
    this.old = dialects.contains(Dialect.X_RATELIMIT);
  }

  /** Writes the fields of a decision; nothing where no limit was counted. */
  void write(Metered decision, HttpServletResponse response) {
    if (ietf) {
      writeMembers(decision, response);
    }
    if (old) {
      writeTightest(decision, response);
    }
  }

  private void writeMembers(Metered decision, HttpServletResponse response) {
    String policies = "";
    StringBuilder limits = new StringBuilder(48);
    for (LimitVerdict line : decision.lines()) {
      if (line.counted()) {
        LimitText text = texts.of(line);
        policies = policies.isEmpty() ? text.member() : policies + ", " + text.member();
        limits.append(limits.isEmpty() ? "" : ", ").append(text.name());
        limits.append(";r=").append(line.verdict().remaining());
        limits.append(";t=").append(text.seconds(line.verdict()));
      }
    }
    if (!policies.isEmpty()) {
      response.addHeader("RateLimit-Policy", policies);
      response.addHeader("RateLimit", limits.toString());
    }
  }

  private void writeTightest(Metered decision, HttpServletResponse response) {
    LimitVerdict tightest = null;
    for (LimitVerdict line : decision.lines()) {
      if (line.counted() && (tightest == null || isTighter(line, tightest))) {
        tightest = line;
      }
    }
    if (tightest != null) {
      response.setHeader("X-RateLimit-Limit", Long.toString(capacity(tightest)));
      response.setHeader("X-RateLimit-Remaining", Long.toString(tightest.verdict().remaining()));
      response.setHeader("X-RateLimit-Reset", Long.toString(seconds(tightest)));
    }
  }

  /** Less left in proportion, or as little for longer. */
  private boolean isTighter(LimitVerdict line, LimitVerdict than) {
    double left = (double) line.verdict().remaining() / capacity(line);
    int order = Double.compare(left, (double) than.verdict().remaining() / capacity(than));
    return order < 0 || (order == 0 && seconds(line) > seconds(than));
  }

  private long seconds(LimitVerdict line) {
    return texts.of(line).seconds(line.verdict());
  }

  private static long capacity(LimitVerdict line) {
    return line.limit().bandwidth().capacity();
  }
}
