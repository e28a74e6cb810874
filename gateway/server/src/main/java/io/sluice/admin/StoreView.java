package io.sluice.admin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What operators may know of the store.
 *
 * @param answering who answers decisions: {@code redis} or {@code local}, or {@code partly} redis
 *     where some nodes of a cluster are away
 * @param redis the Redis configured, without credentials; null when it is disabled by choice
 * @param breaker the state of the breaker in front of it
 * @param since when it took that state; null when it never changed
 * @param cause why Redis is not used; null while it is
 * @param localBuckets buckets held in this process
 * @param gateways gateways that live, as last known
 * @param bound how much an outage may admit at most, in words; null where no outage is possible
 * @param outage what the outage that is has come to, or else the last one; null before the first
 */
public record StoreView(
    String answering,
    @Nullable String redis,
    String breaker,
    @Nullable Instant since,
    @Nullable String cause,
    long localBuckets,
    int gateways,
    @Nullable String bound,
    @Nullable Outage outage) {

  /**
   * Tokens of one outage, of all buckets that its requests drew from.
   *
   * @param granted counted by the local share
   * @param allowed let through uncounted
   * @param debited taken from Redis afterwards
   * @param overdrawn debited from buckets that had them no more: above the limits for certain
   * @param restored forgotten by Redis, and taken out again
   * @param doubtful debited by calls without an answer
   * @param unreturned charged for requests that were not granted, and not known to be given back
   * @param settling whether debits may still be on their way
   */
  public record Outage(
      long granted,
      long allowed,
      long debited,
      long overdrawn,
      long restored,
      long doubtful,
      long unreturned,
      boolean settling) {}
}
