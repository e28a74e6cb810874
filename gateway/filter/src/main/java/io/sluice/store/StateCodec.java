package io.sluice.store;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketState;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.github.bucket4j.distributed.serialization.DataOutputSerializationAdapter;
import io.github.bucket4j.distributed.serialization.Scope;
import io.github.bucket4j.distributed.versioning.Versions;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Buckets in the bytes that every Bucket4j proxy stores in Redis. Thread-safe. */
final class StateCodec {

  private static final int USUAL_SIZE = 128;

  /** A bandwidth's: last refill, size, rounding error. */
  private static final int COUNTS = 3;

  /** Beyond 2^53 {@link CommitScript} cannot count, and nobody could ever pay. */
  private static final long DEEPEST_DEBT = -(1L << 53);

  private static final DataOutputSerializationAdapter ADAPTER =
      DataOutputSerializationAdapter.INSTANCE;

  private StateCodec() {}

  static byte[] encode(RemoteBucketState state) {
    Bytes bytes = new Bytes();
    try {
      RemoteBucketState.SERIALIZATION_HANDLE.serialize(
          ADAPTER, new DataOutputStream(bytes), state, Versions.getLatest(), Scope.PERSISTED_STATE);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.written();
  }

  /**
   * Returns the bucket.
   *
   * @throws IOException when the bytes are none
   */
  static RemoteBucketState decode(byte[] bytes) throws IOException {
    try {
      ByteBuffer source = ByteBuffer.wrap(bytes);
      StateInput input = new StateInput();
      RemoteBucketState state = RemoteBucketState.SERIALIZATION_HANDLE.deserialize(input, source);
      Bandwidth[] bandwidths = state.getConfiguration().getBandwidths();
      if (source.hasRemaining() || input.counts() != COUNTS * bandwidths.length) {
        throw new IOException(
            "%d counts of %d bandwidths, %d octets beyond"
                .formatted(input.counts(), bandwidths.length, source.remaining()));
      }
      for (int i = 0; i < bandwidths.length; i++) {
        check(bandwidths[i], state.getState(), i);
      }
      return state;
    } catch (RuntimeException e) {
      throw new IOException(e.toString(), e);
    }
  }

  /** Bucket4j checks what is built, not what is read, and counts with it. */
  private static void check(Bandwidth bandwidth, BucketState counts, int number)
      throws IOException {
    if (bandwidth.getCapacity() <= 0
        || bandwidth.getRefillTokens() <= 0
        || bandwidth.getRefillPeriodNanos() <= 0) {
      throw new IOException("no bandwidth: " + bandwidth);
    }
    long part = counts.getRoundingError(number);
    if (part < 0
        || part > bandwidth.getRefillPeriodNanos()
        || counts.getCurrentSize(number) < DEEPEST_DEBT) {
      throw new IOException("no counts: " + counts);
    }
  }

  /** A ByteArrayOutputStream without its locks, which cost more than what Bucket4j writes. */
  private static final class Bytes extends OutputStream {
    private byte[] bytes = new byte[USUAL_SIZE];
    private int length;

    @Override
    public void write(int octet) {
      makeRoomFor(1);
      bytes[length++] = (byte) octet;
    }

    @Override
    public void write(byte[] from, int offset, int count) {
      makeRoomFor(count);
      System.arraycopy(from, offset, bytes, length, count);
      length += count;
    }

    private void makeRoomFor(int count) {
      if (length + count > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + count));
      }
    }

    private byte[] written() {
      return Arrays.copyOf(bytes, length);
    }
  }
}
