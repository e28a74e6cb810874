package io.sluice.limit;

import java.util.List;

/** The engine's answer for one request; the filter turns it into headers and a status. */
public sealed interface Decision {

  /** Returns whether the request may go on to the upstream. */
  boolean proceeds();

  /** No limit applies; the answer carries no rate-limit fields. */
  record Exempt(Reason reason) implements Decision {

    /** Why no limit applies. */
    public enum Reason {
      /** No policy covers the request. */
      UNCOVERED,
      /** Every policy that covers it exempts its caller. */
      BYPASS,
      /** Every policy that covers it has no limits. */
      UNLIMITED,
      /** A CORS preflight, which browsers send unasked. */
      PREFLIGHT
    }

    @Override
    public boolean proceeds() {
      return true;
    }
  }

  /**
   * Limits answered.
   *
   * @param lines one for each limit of each enforced policy, in book order; never empty
   */
  record Metered(List<LimitVerdict> lines) implements Decision {

    public Metered {
      lines = List.copyOf(lines);
    }

    @Override
    public boolean proceeds() {
      for (LimitVerdict line : lines) {
        if (!line.verdict().granted()) {
          return false;
        }
      }
      return true;
    }

    /** Returns the limits that refuse. */
    public List<LimitVerdict> refusing() {
      return lines.stream().filter(line -> !line.verdict().granted()).toList();
    }

    /** Returns 503 when only limits that protect the upstream refuse, 429 when any other does. */
    public int refusalStatus() {
      return refusing().stream().allMatch(LimitVerdict::protectsUpstream) ? 503 : 429;
    }
  }

  /**
   * The shared store is healthy but has no room; nothing was counted and the request is refused.
   */
  record Overloaded() implements Decision {
    @Override
    public boolean proceeds() {
      return false;
    }
  }
}
