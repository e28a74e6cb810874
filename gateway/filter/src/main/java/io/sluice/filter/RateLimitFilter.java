package io.sluice.filter;

import io.sluice.identity.Identity;
import io.sluice.identity.IdentityResolver;
import io.sluice.limit.Decision;
import io.sluice.limit.Decision.Metered;
import io.sluice.limit.RateLimiter;
import io.sluice.request.CanonicalPath;
import io.sluice.request.PathRules;
import jakarta.servlet.DispatcherType;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits requests in any Servlet 6 container. What is granted goes down the chain with the
 * rate-limit fields already on the answer; what is refused is answered before its content is read
 * and the chain never sees it.
 *
 * <p>Map it with async support to the dispatcher types REQUEST and ASYNC: a decision that takes
 * time frees the thread and goes on by a dispatch. Each request is charged once, however often it
 * is dispatched, and also by each further filter of this class, since that may have other policies.
 *
 * <p>Leaves with the request, each under its class name as the attribute's: the {@link
 * CanonicalPath}, the {@link Identity}, and the {@link Decision}. Thread-safe.
 */
public final class RateLimitFilter implements Filter {

  private static final Logger LOG = LoggerFactory.getLogger(RateLimitFilter.class);
  private static final AtomicInteger INSTANCES = new AtomicInteger();

  private final String attribute =
      RateLimitFilter.class.getName() + "." + INSTANCES.incrementAndGet();
  private final RateLimiter limiter;
  private final IdentityResolver resolver;
  private final PathGate paths;
  private final ProblemAnswer problems;
  private final LimitTexts texts;
  private final RateLimitFields fields;
  private final CorsFields cors;
  private final Continuation continuation;

  /**
   * Creates a filter.
   *
   * @param resolver finds callers where no {@link IdentityFilter} has done so before
   * @param rules how paths are read; the limiter's patterns were folded by the same
   */
  public RateLimitFilter(
      RateLimiter limiter, IdentityResolver resolver, PathRules rules, AnswerSettings settings) {
    this(limiter, resolver, rules, settings, Continuation.byDispatch(new ProblemAnswer(settings)));
  }

  /**
   * Creates a filter for a container that lets requests go on in another way than by a dispatch.
   *
   * @param continuation how a request goes on after it waited for its decision
   */
  public RateLimitFilter(
      RateLimiter limiter,
      IdentityResolver resolver,
      PathRules rules,
      AnswerSettings settings,
      Continuation continuation) {
    this.limiter = limiter;
    this.resolver = resolver;
    this.problems = new ProblemAnswer(settings);
    this.paths = new PathGate(rules, problems);
    this.texts = new LimitTexts();
    this.fields = new RateLimitFields(texts, settings.dialects());
    this.cors = new CorsFields(settings.corsOrigins());
    this.continuation = continuation;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request instanceof HttpServletRequest http
        && response instanceof HttpServletResponse answer) {
      filter(http, answer, chain);
    } else {
      throw new ServletException("RateLimitFilter limits HTTP only");
    }
  }

  private void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Object known = request.getAttribute(attribute);
    if (isPartOfAnswer(request) || (known instanceof Passage passage && passage.decided)) {
      chain.doFilter(request, response);
    } else if (known instanceof Passage passage) {
      advance(request, response, chain, passage);
    } else {
      CanonicalPath path = paths.read(request, response);
      if (path != null) {
        Passage passage = new Passage(path);
        request.setAttribute(attribute, passage);
        advance(request, response, chain, passage);
      }
    }
  }

  /** An error page or an included fragment belongs to a request that was looked at before. */
  static boolean isPartOfAnswer(HttpServletRequest request) {
    DispatcherType type = request.getDispatcherType();
    return type == DispatcherType.ERROR || type == DispatcherType.INCLUDE;
  }

  /** Goes as far as it can without waiting; what it waited for is there when it runs again. */
  private void advance(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain, Passage passage)
      throws IOException, ServletException {
    if (passage.caller == null) {
      passage.caller = identify(request, passage.path);
    }
    if (passage.decision == null && passage.caller.isDone()) {
      passage.decision = decide(request, passage.path, passage.caller);
    }
    CompletableFuture<Decision> decision = passage.decision;
    if (decision != null && decision.isDone()) {
      passage.decided = true;
      finish(request, response, chain, decision);
    } else {
      CompletableFuture<?> awaited = decision == null ? passage.caller : decision;
      continuation.afterwards(
          request, response, awaited, (again, answer) -> advance(again, answer, chain, passage));
    }
  }

  private CompletableFuture<Identity> identify(HttpServletRequest request, CanonicalPath path) {
    if (request.getAttribute(IdentityFilter.ATTRIBUTE) instanceof Identity known) {
      return CompletableFuture.completedFuture(known);
    }
    try {
      return resolver.resolve(new ServletRequestView(request, path)).toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<Decision> decide(
      HttpServletRequest request, CanonicalPath path, CompletableFuture<Identity> caller) {
    try {
      Identity identity = caller.join();
      request.setAttribute(IdentityFilter.ATTRIBUTE, identity);
      return limiter.decide(new ServletRequestView(request, path), identity).toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void finish(
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain,
      CompletableFuture<Decision> decided)
      throws IOException, ServletException {
    Decision decision;
    try {
      decision = decided.join();
    } catch (CompletionException | CancellationException e) {
      LOG.error("request {} could not be decided", problems.decisionId(request), e);
      problems.sendFailure(request, response);
      return;
    }
    request.setAttribute(Decision.class.getName(), decision);
    if (decision instanceof Metered metered) {
      fields.write(metered, response);
    }
    if (decision.proceeds()) {
      cors.writeForwarded(request, response);
      chain.doFilter(request, response);
    } else {
      problems.send(
          request,
          response,
          decision instanceof Metered metered ? Refusal.of(metered, texts) : Refusal.OVERLOADED);
    }
  }

  /** How far a request has come; touched by one thread of the container after the other. */
  private static final class Passage {

    private final CanonicalPath path;
    private @Nullable CompletableFuture<Identity> caller;
    private @Nullable CompletableFuture<Decision> decision;
    private boolean decided;

    Passage(CanonicalPath path) {
      this.path = path;
    }
  }
}
