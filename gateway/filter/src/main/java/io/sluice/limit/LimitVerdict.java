package io.sluice.limit;

import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;

/** What one limit of one policy said of a request. */
public record LimitVerdict(Policy policy, Limit limit, Verdict verdict) {

  /** Returns what clients and operators call the limit. */
  public String name() {
    return policy.nameOf(limit);
  }

  /** Returns whether there are counts to show. */
  public boolean counted() {
    return verdict.source() != Source.NONE;
  }

  /** Returns whether a refusal by this limit is the gateway's state and not the client's fault. */
  boolean protectsUpstream() {
    return limit.status() == 503 || !counted();
  }
}
