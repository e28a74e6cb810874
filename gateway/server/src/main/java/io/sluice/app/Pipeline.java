package io.sluice.app;

import io.sluice.config.EngineConfig;
import io.sluice.engine.Engine;
import io.sluice.filter.Continuation;
import io.sluice.filter.IdentityFilter;
import io.sluice.filter.ProblemAnswer;
import io.sluice.filter.RateLimitFilter;
import io.sluice.proxy.RouteFilter;
import io.sluice.route.Routes;
import jakarta.servlet.Filter;
import java.util.List;

/** The one ordered list of what a request passes before it is forwarded. */
final class Pipeline {

  private Pipeline() {}

  static List<Filter> of(
      EngineConfig config, Engine engine, Routes routes, Continuation continuation) {
    return List.of(
        new RouteFilter(routes, new ProblemAnswer(config.answers())),
        new IdentityFilter(engine.identities(), config.paths(), config.answers(), continuation),
        new RateLimitFilter(
            engine.limiter(), engine.identities(), config.paths(), config.answers(), continuation));
  }
}
