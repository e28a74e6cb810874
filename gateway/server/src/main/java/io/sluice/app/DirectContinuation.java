package io.sluice.app;

import io.sluice.filter.Continuation;
import io.sluice.filter.ProblemAnswer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes on at once, on the thread that brought what was awaited: no hand-over to another thread and
 * no second way through the chain, which a dispatch costs. Right only where the container keeps
 * request, response and chain alive while a request is asynchronous and bears calls from any
 * thread, as Jetty does, and where nothing behind blocks. Thread-safe.
 */
final class DirectContinuation implements Continuation {

  private static final Logger LOG = LoggerFactory.getLogger(DirectContinuation.class);

  private final RequestThreads threads;
  private final ProblemAnswer problems;

  /**
   * Creates one.
   *
   * @param threads the server's
   * @param problems answers what fails on the way
   */
  DirectContinuation(RequestThreads threads, ProblemAnswer problems) {
    this.threads = threads;
    this.problems = problems;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the action deals with every failure itself
  public void afterwards(
      HttpServletRequest request,
      HttpServletResponse response,
      CompletableFuture<?> awaited,
      Rest rest) {
    AsyncContext async = request.startAsync(request, response);
    async.setTimeout(0);
    Wait wait = new Wait(request, response, rest, async);
    async.addListener(wait);
    awaited.whenComplete((value, failure) -> threads.lend(wait::resume));
  }

  /** A request that waits. Either its rest runs before the container ends it, or not at all. */
  private final class Wait implements AsyncListener {

    private final Resumed request;
    private final HttpServletResponse response;
    private final Rest rest;
    private final AsyncContext async;
    private boolean ended;

    Wait(HttpServletRequest request, HttpServletResponse response, Rest rest, AsyncContext async) {
      this.request = new Resumed(request, response, async);
      this.response = response;
      this.rest = rest;
      this.async = async;
    }

    void resume() {
      if (run() && !request.taken) {
        async.complete();
      }
    }

    private synchronized boolean run() {
      if (ended) {
        return false;
      }
      ended = true;
      try {
        rest.run(request, response);
      } catch (IOException | ServletException | RuntimeException e) {
        fail(e);
      }
      return true;
    }

    private void fail(Exception failure) {
      LOG.error("request {} failed in the pipeline", problems.decisionId(request), failure);
      try {
        if (!request.taken && !response.isCommitted()) {
          response.reset();
          problems.send(
              request, response, 500, "Internal server error", "the request could not be served");
          return;
        }
      } catch (IOException | RuntimeException e) {
        failure.addSuppressed(e);
      }
      ServletContextRequest.getServletContextRequest(request).getServletChannel().abort(failure);
    }

    private synchronized void end() {
      ended = true;
    }

    @Override
    public void onComplete(AsyncEvent event) {
      end();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      end();
    }

    @Override
    public void onError(AsyncEvent event) {
      end();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      // a later cycle is its starter's
    }
  }

  /**
   * The request as those behind see it: not asynchronous until one of them makes it so, who then
   * takes over the end of it.
   */
  private static final class Resumed extends HttpServletRequestWrapper {

    private final HttpServletResponse response;
    private final AsyncContext async;
    private volatile boolean taken;

    Resumed(HttpServletRequest request, HttpServletResponse response, AsyncContext async) {
      super(request);
      this.response = response;
      this.async = async;
    }

    @Override
    public boolean isAsyncStarted() {
      return taken;
    }

    @Override
    public AsyncContext startAsync() {
      return startAsync(this, response);
    }

    @Override
    public AsyncContext startAsync(ServletRequest request, ServletResponse answer) {
      if (taken) {
        throw new IllegalStateException("the request is asynchronous already");
      }
      taken = true;
      return async;
    }

    @Override
    public AsyncContext getAsyncContext() {
      if (!taken) {
        throw new IllegalStateException("the request is not asynchronous");
      }
      return async;
    }
  }
}
