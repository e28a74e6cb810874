package io.sluice.store;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Requests that wait for the shared store, in the order of their deadlines. All wait equally long,
 * so a plain queue is a timer: adding costs one node, and who was answered in time is passed over
 * when its turn comes instead of being cancelled. Adding is thread-safe; expiring is for one
 * thread.
 *
 * <p>When the queue is looked at far too late, the whole process stood still (garbage collection, a
 * starved machine) and answers may lie unread in their sockets: what is due is then given a few
 * milliseconds more, once, before Redis is blamed for it.
 */
final class DeadlineQueue {

  private static final long STALL = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long GRACE = TimeUnit.MILLISECONDS.toNanos(5);

  /** Something that waits. */
  interface Waiting {

    /** Returns whether it waits no more. */
    boolean isDone();

    /** Returns when it wants to wait no longer, in nanoseconds of the store's clock. */
    long due();

    /** Ends the wait. */
    void expire();
  }

  private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private long holdUntil;

  /** Creates an empty queue at a moment of the store's clock. */
  DeadlineQueue(long now) {
    this.holdUntil = now;
  }

  void add(Waiting waiting) {
    queue.add(waiting);
  }

  /**
   * Ends the waits that are over.
   *
   * @return nanoseconds until it should be called again; {@link Long#MAX_VALUE} when nobody waits
   */
  long expire(long now) {
    for (Waiting first = queue.peek(); first != null; first = queue.peek()) {
      if (!first.isDone()) {
        long wait = Math.max(first.due() - now, held(first, now));
        if (wait > 0) {
          return wait;
        }
        first.expire();
      }
      queue.poll();
    }
    return Long.MAX_VALUE;
  }

  private long held(Waiting first, long now) {
    boolean stalled = now - first.due() > STALL;
    boolean heldBefore = first.due() - holdUntil <= 0;
    if (stalled && !heldBefore) {
      holdUntil = now + GRACE;
    }
    return holdUntil - now;
  }
}
