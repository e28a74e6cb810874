package io.sluice.app;

import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The threads that carry requests, without needless hops: when an answer ends on one of them, the
 * connection goes on to its next request on the same thread, where Jetty would hand it to another;
 * and what a foreign thread hands over while it carries a request, it runs itself. Safe because
 * nothing that a request runs blocks. Waking another thread costs more than reading a request does.
 */
class RequestThreads extends QueuedThreadPool {

  private final ThreadLocal<Boolean> lent = new ThreadLocal<>();
  private final boolean readingOn;

  /**
   * Creates a pool.
   *
   * @param readingOn whether the next request is read on the thread that ended the last
   */
  RequestThreads(int most, int least, boolean readingOn) {
    super(most, least);
    this.readingOn = readingOn;
  }

  @Override
  public void execute(Runnable job) {
    if (Thread.currentThread() instanceof RequestThread thread) {
      if (readingOn && job instanceof HttpConnection && !thread.resuming) {
        thread.resuming = true;
        try {
          job.run();
        } finally {
          thread.resuming = false;
        }
        return;
      }
    } else if (lent.get() != null) {
      lent.remove(); // One answer's end may reveal a next request that ends at once: no deeper.
      try {
        job.run();
      } finally {
        lent.set(true);
      }
      return;
    }
    hand(job);
  }

  /** Runs a part of a request on the calling thread, which may belong to somebody else. */
  void lend(Runnable part) {
    if (Thread.currentThread() instanceof RequestThread || lent.get() != null) {
      part.run();
      return;
    }
    lent.set(true);
    try {
      part.run();
    } finally {
      lent.remove();
    }
  }

  /** Leaves a job to another thread. */
  void hand(Runnable job) {
    super.execute(job);
  }

  @Override
  public Thread newThread(Runnable work) {
    Thread thread = new RequestThread(work);
    thread.setName(getName() + "-" + thread.getId());
    thread.setDaemon(isDaemon());
    thread.setContextClassLoader(getClass().getClassLoader());
    return thread;
  }

  private static final class RequestThread extends Thread {

    /** One answer's end may reveal a next request that ends at once: no deeper than that. */
    private boolean resuming;

    RequestThread(Runnable work) {
      super(work);
    }
  }
}
