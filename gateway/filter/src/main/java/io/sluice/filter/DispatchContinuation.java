package io.sluice.filter;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes on by dispatching the request again, which runs the filter on a thread of the container: the
 * one way that is right in every container, since a container recycles request and chain of a
 * request that is continued from elsewhere.
 *
 * <p>Where the request cannot become asynchronous, because a filter before this one does not
 * support it or has begun it already, it waits on its thread instead, within the deadline of
 * whatever it waits for.
 */
final class DispatchContinuation implements Continuation {

  private static final Logger LOG = LoggerFactory.getLogger(DispatchContinuation.class);

  private final ProblemAnswer problems;

  DispatchContinuation(ProblemAnswer problems) {
    this.problems = problems;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the action deals with every failure itself
  public void afterwards(
      HttpServletRequest request,
      HttpServletResponse response,
      CompletableFuture<?> awaited,
      Rest rest)
      throws IOException, ServletException {
    if (!request.isAsyncSupported() || request.isAsyncStarted()) {
      awaited.handle((value, failure) -> true).join();
      rest.run(request, response);
      return;
    }
    AsyncContext async = request.startAsync(request, response);
    async.setTimeout(0);
    Ending ending = new Ending();
    async.addListener(ending);
    awaited.whenComplete((value, failure) -> {
      if (!ending.reached) {
        dispatch(async, request, response);
      }
    });
  }

  private void dispatch(
      AsyncContext async, HttpServletRequest request, HttpServletResponse response) {
    try {
      async.dispatch();
    } catch (IllegalStateException e) {
      LOG.debug("a request ended before its decision was there", e);
    } catch (RuntimeException e) {
      LOG.error("a request could not be dispatched again", e);
      answer(async, request, response);
    }
  }

  private void answer(
      AsyncContext async, HttpServletRequest request, HttpServletResponse response) {
    try {
      problems.sendFailure(request, response);
    } catch (IOException e) {
      LOG.debug("the client went away", e);
    } finally {
      async.complete();
    }
  }

  /** Notes that the container has ended the request, whose objects are no longer ours. */
  private static final class Ending implements AsyncListener {

    private volatile boolean reached;

    @Override
    public void onComplete(AsyncEvent event) {
      reached = true;
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      reached = true;
    }

    @Override
    public void onError(AsyncEvent event) {
      reached = true;
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      // a later cycle is its starter's
    }
  }
}
