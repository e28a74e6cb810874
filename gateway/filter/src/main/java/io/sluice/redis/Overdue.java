package io.sluice.redis;

import io.lettuce.core.internal.ExceptionFactory;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Calls that wait for their answer, and what gives them up when they have waited too long. All wait
 * equally long, so a plain queue is a timer: a call costs one node, and nobody wakes up but once in
 * the time that a call may wait. (A timer for each call would be a wheel that turns every
 * millisecond, which on a quiet gateway costs as much as the requests.) Thread-safe.
 */
final class Overdue {

  private final ScheduledExecutorService executor;
  private final Duration patience;
  private final LongSupplier nanoTime;
  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /**
   * Creates one.
   *
   * @param executor where to wait and to give up
   * @param patience how long a call may take
   */
  Overdue(ScheduledExecutorService executor, Duration patience, LongSupplier nanoTime) {
    this.executor = executor;
    this.patience = patience;
    this.nanoTime = nanoTime;
  }

  /** Adds a call that was just sent. */
  void add(Call call) {
    dropDone();
    calls.add(call);
    if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
      schedule(patience.toNanos());
    }
  }

  /** Returns for how long the oldest call has waited; 0 when none does. */
  long oldestNanos() {
    dropDone();
    Call first = calls.peek();
    return first == null ? 0 : Math.max(0, nanoTime.getAsLong() - first.sentAt());
  }

  private void look() {
    try {
      for (Call first = calls.peek(); first != null && isOver(first); first = calls.peek()) {
        calls.remove(first);
        if (!first.isDone()) {
          first.completeExceptionally(ExceptionFactory.createTimeoutException(patience));
        }
      }
    } finally {
      lookAgain();
    }
  }

  private void lookAgain() {
    Call first = calls.peek();
    if (first == null) {
      scheduled.set(false);
      first = calls.peek(); // Added before the flag was down, by someone who saw it up.
      if (first == null || !scheduled.compareAndSet(false, true)) {
        return;
      }
    }
    schedule(Math.max(0, left(first)));
  }

  private void schedule(long nanos) {
    try {
      var unused = executor.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The link is being closed, which fails all calls.
      calls.clear();
    }
  }

  /** Removes by name, because several threads do it at once. */
  private void dropDone() {
    for (Call first = calls.peek(); first != null && first.isDone(); first = calls.peek()) {
      calls.remove(first);
    }
  }

  private boolean isOver(Call call) {
    return call.isDone() || left(call) <= 0;
  }

  private long left(Call call) {
    return call.sentAt() + patience.toNanos() - nanoTime.getAsLong();
  }
}
