package io.sluice.filter;

import java.util.List;
import java.util.Set;

/**
 * What the limiter adds to answers.
 *
 * @param dialects spellings of the rate-limit fields to send
 * @param corsOrigins origins whose pages may read answers of our own and the rate-limit fields; a
 *     single {@code *} means every origin
 */
public record AnswerSettings(Set<Dialect> dialects, List<String> corsOrigins) {

  /** A spelling of the rate-limit fields. */
  public enum Dialect {
    /** RateLimit-Policy and RateLimit of draft-ietf-httpapi-ratelimit-headers-11. */
    IETF_11("ietf-11"),
    /** X-RateLimit-Limit, -Remaining and -Reset, the last in seconds. */
    X_RATELIMIT("x-ratelimit");

    private final String word;

    Dialect(String word) {
      this.word = word;
    }

    /** Returns how configuration spells it. */
    public String word() {
      return word;
    }
  }

  public AnswerSettings {
    dialects = Set.copyOf(dialects);
    corsOrigins = List.copyOf(corsOrigins);
  }
}
