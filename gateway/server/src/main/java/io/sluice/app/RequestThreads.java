package io.sluice.app;

import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The threads that carry requests, without a needless hop: when an answer ends on one of them, the
 * connection goes on to its next request on the same thread, where Jetty would hand it to another.
 * Safe because nothing that a request runs blocks. Waking another thread for it costs more than
 * reading the request does.
 */
class RequestThreads extends QueuedThreadPool {

  RequestThreads(int most, int least) {
    super(most, least);
  }

  @Override
  public void execute(Runnable job) {
    if (job instanceof HttpConnection
        && Thread.currentThread() instanceof RequestThread thread
        && !thread.resuming) {
      thread.resuming = true;
      try {
        job.run();
      } finally {
        thread.resuming = false;
      }
    } else {
      hand(job);
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
