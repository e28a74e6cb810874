package io.sluice.store;

import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.github.bucket4j.distributed.serialization.DataOutputSerializationAdapter;
import io.github.bucket4j.distributed.serialization.Scope;
import io.github.bucket4j.distributed.versioning.Versions;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Buckets in the bytes that every Bucket4j proxy stores in Redis. Thread-safe. */
final class StateCodec {

  private static final Logger LOG = LoggerFactory.getLogger(StateCodec.class);
  private static final int USUAL_SIZE = 128;
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

  /** Returns the bucket, or null where the bytes are none: it is then replaced by a full one. */
  static @Nullable RemoteBucketState decode(byte[] bytes) {
    try {
      RemoteBucketState state =
          RemoteBucketState.SERIALIZATION_HANDLE.deserialize(
              ADAPTER, new DataInputStream(new ByteArrayInputStream(bytes)));
      // Counts that are missing for a bandwidth would show themselves only when it is used.
      state.getState().getRoundingError(state.getConfiguration().getBandwidths().length - 1);
      return state;
    } catch (IOException | RuntimeException e) {
      LOG.warn("a key of ours in Redis holds no bucket and is replaced: {}", e.toString());
      return null;
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
