package io.sluice.store;

import io.github.bucket4j.distributed.serialization.DeserializationAdapter;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads what Bucket4j writes to a {@link java.io.DataOutput}. Every int there is a number of things
 * to come, or a small number of a format; one that exceeds the octets left is refused before
 * anybody makes room for so many: Bucket4j's own adapter would end in an OutOfMemoryError over a
 * spoilt key. For one bucket.
 */
final class StateInput implements DeserializationAdapter<ByteBuffer> {

  private int counts;

  /** Returns how many counts were read. */
  int counts() {
    return counts;
  }

  @Override
  public boolean readBoolean(ByteBuffer source) {
    return source.get() != 0;
  }

  @Override
  public byte readByte(ByteBuffer source) {
    return source.get();
  }

  @Override
  public int readInt(ByteBuffer source) throws IOException {
    int number = source.getInt();
    if (number < 0 || number > source.remaining()) {
      throw new IOException(number + " announced, " + source.remaining() + " octets left");
    }
    return number;
  }

  @Override
  public long readLong(ByteBuffer source) {
    return source.getLong();
  }

  @Override
  public long[] readLongArray(ByteBuffer source) throws IOException {
    long[] longs = new long[readInt(source)];
    counts += longs.length;
    for (int i = 0; i < longs.length; i++) {
      longs[i] = source.getLong();
    }
    return longs;
  }

  @Override
  public double[] readDoubleArray(ByteBuffer source) throws IOException {
    double[] doubles = new double[readInt(source)];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = source.getDouble();
    }
    return doubles;
  }

  @Override
  public String readString(ByteBuffer source) throws IOException {
    int length = Short.toUnsignedInt(source.getShort(source.position()));
    byte[] text = new byte[Short.BYTES + length];
    source.get(text);
    return new DataInputStream(new ByteArrayInputStream(text)).readUTF();
  }
}
