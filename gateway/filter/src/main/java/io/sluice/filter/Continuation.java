package io.sluice.filter;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * How a request goes on once something it waits for is there. A filter keeps its state in a request
 * attribute, so an implementation either runs the filter again from its beginning, as a dispatch
 * does, or runs the rest. Thread-safe.
 */
public interface Continuation {

  /** What is left to do for a request, on whatever thread. */
  interface Rest {

    /** Goes on with the request that it is given, which may wrap the one that waited. */
    void run(HttpServletRequest request, HttpServletResponse response)
        throws IOException, ServletException;
  }

  /**
   * Returns the way that is right in every container: a dispatch.
   *
   * @param problems answers what cannot be dispatched
   */
  static Continuation byDispatch(ProblemAnswer problems) {
    return new DispatchContinuation(problems);
  }

  /**
   * Lets the request wait without holding its thread. The caller returns at once afterwards.
   *
   * @param awaited what it waits for; completes exceptionally too, which is also an end of waiting
   */
  void afterwards(
      HttpServletRequest request,
      HttpServletResponse response,
      CompletableFuture<?> awaited,
      Rest rest)
      throws IOException, ServletException;
}
