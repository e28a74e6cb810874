package io.sluice.store;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.github.bucket4j.distributed.versioning.Versions;
import io.sluice.policy.Bandwidth.Mode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;

/**
 * Where Bucket4j writes the counts within a stored bucket of one bandwidth, so that {@link
 * CommitScript} can subtract a charge from bytes it did not compute:
 *
 * <pre>
 * format, configuration, length of the counts   up to offset
 * last refill, size, rounding error             three longs
 * format of the statistics                      int
 * tokens consumed                               long
 * true, configuration version                   byte, long
 * </pre>
 *
 * <p>The layout is no part of Bucket4j's interface. {@link #HOLDS} writes a bucket and looks; where
 * it finds anything else, nothing is merged and the protocol falls back to compare-and-swap.
 */
final class MergeLayout {

  private static final int COUNTS = 3 * Long.BYTES;
  private static final int STATISTICS = Integer.BYTES + Long.BYTES;
  private static final int VERSION = 1 + Long.BYTES;

  /** The outline of what must not be merged. */
  static final String NOTHING_TO_MERGE = "0";

  /** Whether Bucket4j's layout is the one described above. */
  static final boolean HOLDS = holds();

  private MergeLayout() {}

  private static boolean holds() {
    long start = 1_700_000_000_123_456_789L;
    long version = 1_712_345_678;
    Terms terms =
        new Terms(
            new io.sluice.policy.Bandwidth(1_000, 7, Duration.ofMinutes(1), Mode.GREEDY), version);
    Tokens tokens = Tokens.full(terms, start);
    byte[] full = StateCodec.encode(tokens.state());
    tokens.charge(74);
    tokens.advance(start + 10_000_000_000L);
    byte[] used = StateCodec.encode(tokens.state());
    int offset = offset(used.length);
    // 10 s bring 7/6 of a token: one, and 10 of the 60 thousand millions that make another.
    return full.length == used.length
        && Arrays.equals(full, 0, offset, used, 0, offset)
        && counts(full, offset, start, 1_000, 0, 0, version)
        && counts(used, offset, start + 10_000_000_000L, 927, 10_000_000_000L, 74, version);
  }

  /**
   * Returns what the script must know of a configuration: capacity, refill, period, whether by
   * intervals, longest time to live; or "0" where it must not merge.
   */
  static String outline(BucketConfiguration configuration) {
    Bandwidth[] bandwidths = configuration.getBandwidths();
    if (bandwidths.length != 1 || bandwidths[0].isIntervallyAligned()) {
      return NOTHING_TO_MERGE;
    }
    Bandwidth bandwidth = bandwidths[0];
    return bandwidth.getCapacity()
        + " "
        + bandwidth.getRefillTokens()
        + " "
        + bandwidth.getRefillPeriodNanos()
        + " "
        + (bandwidth.isRefillIntervally() ? 1 : 0)
        + " "
        + Tokens.longestTtlMillis(configuration);
  }

  /** Returns the outline of a bucket on its own terms, which may be those of a later book. */
  @SuppressWarnings("ReferenceEquality") // an equal one has an equal outline, only not at hand
  static String outline(RemoteBucketState state, Terms terms) {
    return state.getConfiguration() == terms.configuration()
        ? terms.outline()
        : outline(state.getConfiguration());
  }

  /** Returns when a stored bucket was last refilled, in nanoseconds since the Unix epoch. */
  static long lastRefill(byte[] bytes, RemoteBucketState state) {
    return ByteBuffer.wrap(bytes).getLong(lastBandwidth(bytes, state));
  }

  /** Returns a copy of a stored bucket with another time of its last refill. */
  static byte[] withLastRefill(byte[] bytes, RemoteBucketState state, long epochNanos) {
    byte[] copy = bytes.clone();
    int last = lastBandwidth(bytes, state);
    for (int i = 0; i < state.getConfiguration().getBandwidths().length; i++) {
      ByteBuffer.wrap(copy).putLong(last - i * COUNTS, epochNanos);
    }
    return copy;
  }

  /** Returns where the counts of the last bandwidth begin; a bucket of ours has only one. */
  private static int lastBandwidth(byte[] bytes, RemoteBucketState state) {
    return bytes.length - version(bytes, state) - STATISTICS - COUNTS;
  }

  /** A bucket that only stock proxies have written bears no version, nor room for one. */
  private static int version(byte[] bytes, RemoteBucketState state) {
    if (state.getConfigurationVersion() != null) {
      return VERSION;
    }
    return ByteBuffer.wrap(bytes).getInt() < Versions.v_8_1_0.getNumber() ? 0 : 1;
  }

  private static int offset(int length) {
    return length - VERSION - STATISTICS - COUNTS;
  }

  private static boolean counts(
      byte[] bytes, int offset, long refilled, long size, long error, long consumed, long version) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int statistics = offset + COUNTS;
    return buffer.getLong(offset) == refilled
        && buffer.getLong(offset + 8) == size
        && buffer.getLong(offset + 16) == error
        && buffer.getLong(statistics + 4) == consumed
        && buffer.get(statistics + STATISTICS) == 1
        && buffer.getLong(statistics + STATISTICS + 1) == version;
  }
}
