package io.sluice.proxy;

import io.sluice.upstream.Budget;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * The rest of a small answer, taken off the upstream while its client takes nothing, so that the
 * connection is free for others. Copied, because chunks may hold far more memory than they carry.
 * Not thread-safe: for whoever pours the answer.
 */
final class Backlog {

  private static final int FIRST = 4 * 1024;
  private static final byte[] NONE = {};

  private final Budget budget;
  private final int most;
  private byte[] octets = NONE;
  private int size;
  private boolean last;
  private boolean full;
  private Content.@Nullable Chunk tail;

  Backlog(Budget budget, int most) {
    this.budget = budget;
    this.most = most;
  }

  /**
   * Returns whether it is of use to take more.
   *
   * @param left how much of the answer is still to come; negative where nobody knows
   */
  boolean wants(long left) {
    return !full && !last && tail == null && left <= most;
  }

  /** Adds a chunk, which is not a failure, and takes over its release. */
  void add(Content.Chunk chunk) {
    int length = chunk.remaining();
    if (length == 0 || !makeRoom(size + length)) {
      // The end, which may carry trailers, or what is too much: kept as it is.
      full = !chunk.isLast();
      tail = chunk;
      return;
    }
    chunk.getByteBuffer().get(octets, size, length);
    size += length;
    last = chunk.isLast();
    chunk.release();
  }

  boolean isEmpty() {
    return size == 0 && tail == null;
  }

  /** Returns what was taken, in order; for when it is not empty. */
  Content.@Nullable Chunk next() {
    if (size > 0) {
      ByteBuffer all = ByteBuffer.wrap(octets, 0, size);
      size = 0;
      return Content.Chunk.from(all, last);
    }
    Content.Chunk chunk = tail;
    tail = null;
    return chunk;
  }

  /** Gives back the memory once nothing is in it. */
  void trim() {
    if (size == 0 && octets.length > 0) {
      give();
    }
  }

  /** Gives back everything. */
  void free() {
    give();
    Content.Chunk chunk = tail;
    tail = null;
    if (chunk != null) {
      chunk.release();
    }
  }

  private void give() {
    budget.give(octets.length);
    octets = NONE;
    size = 0;
  }

  private boolean makeRoom(int needed) {
    if (needed <= octets.length) {
      return true;
    }
    int capacity = Math.min(most, Math.max(FIRST, Math.max(needed, 2 * octets.length)));
    if (needed > most || !budget.take(capacity - octets.length)) {
      return false;
    }
    octets = Arrays.copyOf(octets, capacity);
    return true;
  }
}
