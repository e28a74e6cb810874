package io.sluice.policy;

import java.util.List;

/**
 * One limit of a policy: whom it tells apart and how much each may do.
 *
 * @param id unique within its policy; part of every bucket's key, so a new id starts new buckets
 * @param key what tells callers apart, in order; never empty
 * @param bandwidth capacity and refill
 * @param status what a request refused by this limit alone gets: 429, or 503 where the limit
 *     protects the upstream and the client is not at fault
 */
public record Limit(String id, List<KeyPart> key, Bandwidth bandwidth, int status) {

  /** The id of a policy's only limit when it is given none. */
  public static final String MAIN = "main";

  public Limit {
    key = List.copyOf(key);
    if (key.isEmpty()) {
      throw new IllegalArgumentException("limit '%s' has no key".formatted(id));
    }
    if (status != 429 && status != 503) {
      throw new IllegalArgumentException("status must be 429 or 503: " + status);
    }
  }
}
