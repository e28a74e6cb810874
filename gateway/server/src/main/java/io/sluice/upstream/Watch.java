package io.sluice.upstream;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks a few times a second at those that wait for their clients: one timer for all of them, and
 * none for requests that never wait. Thread-safe.
 */
public final class Watch {

  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  /** Somebody to be looked at. */
  public interface Watched {

    /** Looks; must not block. {@code now} is a time of {@link System#nanoTime}. */
    void look(long now);
  }

  private final Scheduler scheduler;
  private final long everyMillis;
  private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
  private volatile boolean running;
  private volatile Scheduler.@Nullable Task next;

  /** Creates a watch that looks so often from its start on. */
  public Watch(Scheduler scheduler, Duration every) {
    this.scheduler = scheduler;
    this.everyMillis = every.toMillis();
  }

  /** Starts to look; the scheduler must be running. */
  public void start() {
    running = true;
    schedule();
  }

  /** Stops to look. */
  public void stop() {
    running = false;
    Scheduler.Task task = next;
    if (task != null) {
      task.cancel();
    }
  }

  /** Begins to watch somebody. */
  public void add(Watched one) {
    watched.add(one);
  }

  /** Watches somebody no longer; in vain when nobody did. */
  public void remove(Watched one) {
    watched.remove(one);
  }

  /** Returns how many are watched. */
  public int size() {
    return watched.size();
  }

  private void schedule() {
    next = scheduler.schedule(this::round, everyMillis, TimeUnit.MILLISECONDS);
  }

  private void round() {
    long now = System.nanoTime();
    watched.forEach(one -> look(one, now));
    if (running) {
      schedule();
    }
  }

  /** One that cannot be looked after must not keep the others from it. */
  private void look(Watched one, long now) {
    try {
      one.look(now);
    } catch (RuntimeException e) {
      watched.remove(one);
      LOG.error("a request that waits for its client could not be looked after", e);
    }
  }
}
