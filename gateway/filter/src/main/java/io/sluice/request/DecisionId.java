package io.sluice.request;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Names one request in the answer, the access log and every message about it: a ULID, 48 bits of
 * Unix milliseconds and 80 random bits in Crockford's base 32, so ids sort by time. Unique for
 * practical purposes, not secret.
 */
public final class DecisionId {

  private static final char[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
  private static final int LENGTH = 26;
  private static final int TIME_LENGTH = 10;

  private DecisionId() {}

  /** Returns a new id for a request that began at this Unix time in milliseconds. */
  public static String at(long epochMillis) {
    char[] id = new char[LENGTH];
    write(id, 0, TIME_LENGTH, epochMillis);
    ThreadLocalRandom random = ThreadLocalRandom.current();
    write(id, TIME_LENGTH, TIME_LENGTH + 8, random.nextLong());
    write(id, TIME_LENGTH + 8, LENGTH, random.nextLong());
    return new String(id);
  }

  private static void write(char[] id, int from, int to, long bits) {
    long rest = bits;
    for (int i = to - 1; i >= from; i--) {
      id[i] = ALPHABET[(int) (rest & 31)];
      rest >>>= 5;
    }
  }
}
