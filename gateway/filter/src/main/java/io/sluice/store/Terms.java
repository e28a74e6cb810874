package io.sluice.store;

import io.github.bucket4j.BucketConfiguration;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.Bandwidth.Mode;

/**
 * What the buckets of one limit are counted by: its bandwidth in Bucket4j's form, and the version
 * that orders it among all bandwidths the limit has had. Immutable and thread-safe.
 */
final class Terms {

  private final Bandwidth bandwidth;
  private final BucketConfiguration configuration;
  private final long version;
  private final String outline;

  /**
   * Creates terms.
   *
   * @param version higher for a later bandwidth; 0 where nothing is shared with other gateways
   */
  Terms(Bandwidth bandwidth, long version) {
    this.bandwidth = bandwidth;
    this.configuration = configuration(bandwidth);
    this.version = version;
    this.outline = MergeLayout.outline(configuration);
  }

  Bandwidth bandwidth() {
    return bandwidth;
  }

  /** Returns the configuration: always of one bandwidth, full at the start, without an id. */
  BucketConfiguration configuration() {
    return configuration;
  }

  long version() {
    return version;
  }

  /** Returns what {@link CommitScript} must know of these terms to merge. */
  String outline() {
    return outline;
  }

  /** Returns whether there can be terms with this configuration. */
  static boolean canBe(BucketConfiguration configuration) {
    io.github.bucket4j.Bandwidth[] bandwidths = configuration.getBandwidths();
    io.github.bucket4j.Bandwidth only = bandwidths[0];
    return bandwidths.length == 1
        && !only.hasId()
        && !only.isIntervallyAligned()
        && !only.isUseAdaptiveInitialTokens()
        && only.getInitialTokens() == only.getCapacity()
        && only.getCapacity() <= Bandwidth.MOST_TOKENS
        && only.getRefillTokens() <= Bandwidth.MOST_TOKENS
        && only.getRefillPeriodNanos() <= Bandwidth.LONGEST_PERIOD.toNanos();
  }

  private static BucketConfiguration configuration(Bandwidth bandwidth) {
    return BucketConfiguration.builder()
        .addLimit(limit ->
            bandwidth.mode() == Mode.INTERVAL
                ? limit
                    .capacity(bandwidth.capacity())
                    .refillIntervally(bandwidth.refill(), bandwidth.period())
                : limit
                    .capacity(bandwidth.capacity())
                    .refillGreedy(bandwidth.refill(), bandwidth.period()))
        .build();
  }
}
