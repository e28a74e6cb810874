package io.sluice.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Spoils stored buckets in all ways that octets can be spoilt, the same ones for the same seed. */
final class Spoiler {

  private static final long[] ODD_NUMBERS = {
    0,
    -1,
    1,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 3,
    1L << 53,
    -(1L << 53),
    Integer.MAX_VALUE,
    1_000_000_000_000L
  };

  private final Random random;
  private final List<byte[]> buckets = new ArrayList<>();

  /** Creates one that begins with buckets of these kinds. */
  Spoiler(long seed, List<byte[]> buckets) {
    this.random = new Random(seed);
    this.buckets.addAll(buckets);
  }

  /** Returns one of the buckets, spoilt in one to three places. */
  byte[] next() {
    byte[] octets = buckets.get(random.nextInt(buckets.size())).clone();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      octets = spoilt(octets);
    }
    return octets;
  }

  private byte[] spoilt(byte[] octets) {
    int at = random.nextInt(Math.max(1, octets.length));
    switch (random.nextInt(6)) {
      case 0 -> put(octets, at, 1 << random.nextInt(8) ^ (at < octets.length ? octets[at] : 0), 1);
      case 1 -> put(octets, at, random.nextInt(256), 1);
      case 2 -> put(octets, at, ODD_NUMBERS[random.nextInt(ODD_NUMBERS.length)], 8);
      case 3 -> put(octets, at, random.nextInt(), 4);
      case 4 -> {
        return Arrays.copyOf(octets, random.nextInt(octets.length + 40));
      }
      default -> {
        // A piece of another bucket from here on.
        byte[] other = buckets.get(random.nextInt(buckets.size()));
        byte[] mixed = Arrays.copyOf(octets, at + Math.max(0, other.length - at));
        System.arraycopy(other, Math.min(at, other.length), mixed, at, mixed.length - at);
        return mixed;
      }
    }
    return octets;
  }

  private static void put(byte[] octets, int at, long number, int length) {
    for (int i = 0; i < length && at + i < octets.length; i++) {
      octets[at + i] = (byte) (number >>> (8 * (length - 1 - i)));
    }
  }
}
