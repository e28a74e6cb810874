package io.sluice.app;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the access log on a thread of its own, behind a bounded queue: a request hands over its
 * entry and never waits, and one that finds the queue full is counted and not written.
 *
 * <p>This is not logback's AsyncAppender, which takes text that the request's thread has to format,
 * gives up on lines at shutdown, and keeps no count of those it drops; and requests are data that
 * must be able to go elsewhere than the messages of the log. Thread-safe.
 */
final class AccessLogWriter implements AutoCloseable {

  /** Most entries waiting; each is a few references and at most a few kilobytes of path. */
  static final int QUEUE = 8_192;

  private static final Logger LOG = LoggerFactory.getLogger(AccessLogWriter.class);
  private static final long CLOSE_SECONDS = 5;
  private static final AccessLogEntry END =
      new AccessLogEntry(0, "", "", "", 0, 0, 0, "", null, null, -1, 0);

  private final BlockingQueue<AccessLogEntry> queue = new ArrayBlockingQueue<>(QUEUE);
  private final LongAdder dropped = new LongAdder();
  private final AccessLogTarget target;
  private final Thread thread;
  private volatile boolean closed;

  // Owned by the thread.
  private int buffered;
  private boolean failing;

  /**
   * Opens the target and begins to wait for entries.
   *
   * @throws IOException when the target cannot be opened
   */
  AccessLogWriter(AccessLogTarget target) throws IOException {
    this.target = target;
    target.stream();
    this.thread = new Thread(this::run, "access-log");
    thread.setDaemon(true);
    thread.start();
  }

  /** Hands over an entry; never waits. */
  void write(AccessLogEntry entry) {
    if (closed || !queue.offer(entry)) {
      dropped.increment();
    }
  }

  /** Returns how many entries were not written: the queue was full, or the target failed. */
  long dropped() {
    return dropped.sum();
  }

  /** Writes what was handed over before, within ten seconds, and ends. */
  @Override
  public void close() {
    closed = true;
    try {
      if (queue.offer(END, CLOSE_SECONDS, TimeUnit.SECONDS)) {
        thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      LOG.warn("the access log could not be written to its end");
      thread.interrupt();
    }
  }

  @SuppressWarnings("ReferenceEquality") // END is a mark and no entry
  private void run() {
    try {
      for (AccessLogEntry entry = queue.take(); entry != END; entry = queue.take()) {
        write(entry, queue.isEmpty());
      }
      target.close();
    } catch (InterruptedException e) {
      LOG.warn("the access log was interrupted and ends");
    } catch (IOException e) {
      failed(e);
    }
  }

  /** Flushes when nothing else waits: at once in quiet times, seldom under load. */
  private void write(AccessLogEntry entry, boolean last) {
    try {
      OutputStream stream = target.stream();
      buffered++;
      entry.writeTo(stream);
      if (last) {
        stream.flush();
        buffered = 0;
        failing = false;
      }
    } catch (IOException e) {
      failed(e);
    }
  }

  private void failed(IOException cause) {
    dropped.add(Math.max(1, buffered));
    buffered = 0;
    if (!failing) {
      failing = true;
      LOG.warn("the access log cannot be written; requests go on without it: {}", cause.toString());
    }
    try {
      target.close();
    } catch (IOException e) {
      LOG.debug("closing the failed access log failed too", e);
    }
  }
}
