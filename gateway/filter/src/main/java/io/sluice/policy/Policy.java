package io.sluice.policy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A named rule: which requests it covers and what each caller may do.
 *
 * @param name unique within its book; part of every bucket's key, so a new name starts new buckets
 * @param match requests covered; any line is enough; never empty
 * @param limits limits that must all grant; empty exempts what is covered
 * @param cost tokens one request takes from each limit; at least 1
 * @param mode whether the policy refuses, only counts, or sleeps
 * @param onOutage what happens while the shared store is away
 * @param bypass callers whom the policy exempts
 */
public record Policy(
    String name,
    List<RoutePattern> match,
    List<Limit> limits,
    long cost,
    Mode mode,
    OnOutage onOutage,
    List<Bypass> bypass) {

  /** The policy that applies where no enforced one does. */
  public static final String DEFAULT = "default";

  /** Whether a policy refuses. */
  public enum Mode {
    /** Decide and refuse. */
    ENFORCE,
    /** Decide, count and log, never refuse. */
    SHADOW,
    /** Do nothing. */
    OFF
  }

  /** What happens to a policy's limits while the shared store is away. */
  public enum OnOutage {
    /** Count in this process. */
    LOCAL,
    /** Let requests pass uncounted. */
    ALLOW,
    /** Refuse with 503. */
    DENY
  }

  public Policy {
    match = List.copyOf(match);
    limits = List.copyOf(limits);
    bypass = List.copyOf(bypass);
    if (match.isEmpty()) {
      throw new IllegalArgumentException("policy '%s' matches nothing".formatted(name));
    }
    if (cost < 1) {
      throw new IllegalArgumentException("policy '%s' has cost %d".formatted(name, cost));
    }
    Set<String> ids = new HashSet<>();
    for (Limit limit : limits) {
      if (!ids.add(limit.id())) {
        throw new IllegalArgumentException(
            "policy '%s' has two limits '%s'".formatted(name, limit.id()));
      }
      if (limit.bandwidth().capacity() < cost) {
        throw new IllegalArgumentException(
            "policy '%s' could never grant limit '%s'".formatted(name, limit.id()));
      }
    }
  }

  /** Returns what clients and operators call the limit: the policy, or policy.id of several. */
  public String nameOf(Limit limit) {
    return limits.size() == 1 ? name : name + "." + limit.id();
  }
}
