package io.sluice.filter;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Holds what it is given until a test lets go, and then runs it on a thread of its own. As the
 * outermost filter it lets go only when as many requests wait asynchronously, threads returned.
 */
final class HeldExecutor implements Executor, Filter {

  private static final long DEADLINE_SECONDS = 30;

  private final List<Runnable> held = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private boolean counting;
  private int waiting;

  @Override
  public void init(FilterConfig config) {
    counting = true;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    chain.doFilter(request, response);
    if (request.isAsyncStarted()) {
      lock.lock();
      try {
        waiting++;
        more.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void execute(Runnable task) {
    lock.lock();
    try {
      held.add(task);
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so many tasks are held, then runs them on another thread and waits for it. */
  void release(int count) throws InterruptedException {
    List<Runnable> tasks = new ArrayList<>();
    lock.lock();
    try {
      long left = TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
      while (held.size() < count || (counting && waiting < count)) {
        left = more.awaitNanos(left);
        if (left <= 0) {
          throw new AssertionError("only " + held.size() + " of " + count + " are waiting");
        }
      }
      tasks.addAll(held);
      held.clear();
      waiting -= count;
    } finally {
      lock.unlock();
    }
    Thread thread = new Thread(() -> tasks.forEach(Runnable::run), "store");
    thread.start();
    thread.join();
  }
}
