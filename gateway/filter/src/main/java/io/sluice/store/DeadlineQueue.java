package io.sluice.store;

import io.sluice.redis.WatchedLink;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait for the shared store, in the order of their deadlines. All wait equally long,
 * so a plain queue is a timer: adding costs one node, and who was answered in time is passed over
 * when its turn comes instead of being cancelled. Adding is thread-safe; expiring is for one
 * thread.
 *
 * <p>A deadline that has passed is Redis' fault only if Redis owes an answer for as long. Otherwise
 * the time was lost here: the process stood still, the machine is starved, the reading thread is at
 * work, or the request waits in our own queue; and whoever were sent on to local buckets then would
 * be given tokens that Redis may be giving to others. So before a wait is ended all that has come
 * is read, and what Redis owes is looked at; until it owes an answer for a whole deadline the wait
 * goes on, for eight deadlines at most, not counting the time in which the process stood still.
 */
final class DeadlineQueue {

  /** The longest wait, in deadlines. */
  static final int LONGEST = 8;

  private static final long GRAIN = TimeUnit.MILLISECONDS.toNanos(1);

  /** Something that waits. */
  interface Waiting {

    /** Returns whether it waits no more. */
    boolean isDone();

    /** Returns when it wants to wait no longer, in nanoseconds of the store's clock. */
    long due();

    /** Ends the wait. */
    void expire();
  }

  /**
   * What was seen after reading.
   *
   * @param asOf what had come by then was read
   * @param again when to look again; a look that has passed blames Redis
   */
  private record Look(long asOf, long again) {}

  private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private final WatchedLink link;
  private final long deadline;
  private volatile @Nullable Look last;
  private volatile boolean looking;
  private long calledAt;
  private long resumedAt;

  /**
   * Creates an empty queue.
   *
   * @param deadline nanoseconds that Redis has for an answer
   * @param now a moment of the store's clock
   */
  DeadlineQueue(WatchedLink link, long deadline, long now) {
    this.link = link;
    this.deadline = deadline;
    this.calledAt = now;
    this.resumedAt = now;
  }

  void add(Waiting waiting) {
    queue.add(waiting);
  }

  /**
   * Ends the waits that are over.
   *
   * @param wake runs, on any thread, when this should be called again earlier than it said
   * @return nanoseconds until it should be called again; {@link Long#MAX_VALUE} when nobody waits
   */
  long expire(long now, Runnable wake) {
    if (now - calledAt > 2 * deadline) {
      resumedAt = now; // Nobody waited, or the process stood still.
    }
    calledAt = now;
    for (Waiting first = queue.peek(); first != null; first = queue.peek()) {
      if (!first.isDone()) {
        long wait = first.due() - now;
        if (wait <= 0) {
          wait = excused(first, now, wake);
        }
        if (wait > 0) {
          return wait;
        }
        if (!first.isDone()) {
          first.expire();
        }
      }
      queue.poll();
    }
    return Long.MAX_VALUE;
  }

  /** Returns how long the wait goes on although it is due; 0 or less when it is over. */
  private long excused(Waiting first, long now, Runnable wake) {
    long since = first.due() - resumedAt > 0 ? first.due() : resumedAt;
    long most = since + (LONGEST - 1) * deadline - now;
    if (!looking && (last == null || isStale(last, first, now))) {
      looking = true;
      link.afterReading(() -> {
        last = look(now);
        looking = false;
        wake.run();
      });
    }
    Look seen = last;
    if (looking || seen == null || seen.asOf() - first.due() < 0) {
      return most;
    }
    return Math.min(seen.again() - now, most);
  }

  /** A look counts for whoever was due by then, until it is time for the next. */
  private static boolean isStale(Look look, Waiting first, long now) {
    boolean blames = look.again() - look.asOf() <= 0;
    return look.asOf() - first.due() < 0 || (!blames && look.again() - now <= 0);
  }

  private Look look(long asOf) {
    long owed = link.owedNanos();
    return new Look(asOf, owed >= deadline ? asOf : asOf + Math.max(GRAIN, deadline - owed));
  }
}
