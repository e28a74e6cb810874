package io.sluice.filter;

import io.sluice.identity.Identity;
import io.sluice.identity.IdentityResolver;
import io.sluice.request.CanonicalPath;
import io.sluice.request.PathRules;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out who is calling and leaves the {@link Identity} with the request, under its class name
 * as the attribute's, for every filter behind. Map it like {@link RateLimitFilter}. Thread-safe.
 */
public final class IdentityFilter implements Filter {

  /** The request attribute that holds the caller. */
  public static final String ATTRIBUTE = Identity.class.getName();

  private static final Logger LOG = LoggerFactory.getLogger(IdentityFilter.class);
  private static final String PENDING = IdentityFilter.class.getName();

  private final IdentityResolver resolver;
  private final PathGate paths;
  private final ProblemAnswer problems;
  private final Continuation continuation;

  /** Creates a filter. */
  public IdentityFilter(IdentityResolver resolver, PathRules rules, AnswerSettings settings) {
    this(resolver, rules, settings, Continuation.byDispatch(new ProblemAnswer(settings)));
  }

  /** Creates a filter; see {@link RateLimitFilter} for the continuation. */
  public IdentityFilter(
      IdentityResolver resolver,
      PathRules rules,
      AnswerSettings settings,
      Continuation continuation) {
    this.resolver = resolver;
    this.problems = new ProblemAnswer(settings);
    this.paths = new PathGate(rules, problems);
    this.continuation = continuation;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request instanceof HttpServletRequest http
        && response instanceof HttpServletResponse answer) {
      filter(http, answer, chain);
    } else {
      throw new ServletException("IdentityFilter identifies HTTP callers only");
    }
  }

  private void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (RateLimitFilter.isPartOfAnswer(request)
        || request.getAttribute(ATTRIBUTE) instanceof Identity) {
      chain.doFilter(request, response);
    } else if (request.getAttribute(PENDING) instanceof CompletableFuture<?> caller) {
      advance(request, response, chain, caller);
    } else {
      CanonicalPath path = paths.read(request, response);
      if (path != null) {
        advance(request, response, chain, resolve(new ServletRequestView(request, path)));
      }
    }
  }

  private CompletableFuture<Identity> resolve(ServletRequestView view) {
    try {
      return resolver.resolve(view).toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void advance(
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain,
      CompletableFuture<?> caller)
      throws IOException, ServletException {
    if (caller.isDone()) {
      finish(request, response, chain, caller);
    } else {
      request.setAttribute(PENDING, caller);
      continuation.afterwards(
          request, response, caller, (again, answer) -> advance(again, answer, chain, caller));
    }
  }

  private void finish(
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain,
      CompletableFuture<?> caller)
      throws IOException, ServletException {
    try {
      request.setAttribute(ATTRIBUTE, caller.join());
    } catch (CompletionException | CancellationException e) {
      LOG.error("the caller of request {} was not found out", problems.decisionId(request), e);
      problems.sendFailure(request, response);
      return;
    }
    chain.doFilter(request, response);
  }
}
