package io.sluice.filter;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * How a request goes on once something it waits for is there. The filter's state lives in a request
 * attribute, so an implementation either runs the filter again from its beginning or runs the rest.
 */
interface Continuation {

  /** What is left to do for a request. */
  interface Rest {
    void run() throws IOException, ServletException;
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
