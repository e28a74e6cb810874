package io.sluice.identity;

import io.sluice.request.RequestView;
import java.util.concurrent.CompletionStage;

/** Finds out who is calling. Implementations are thread-safe and never block. */
public interface IdentityResolver {

  /**
   * Returns the caller of a request. The stage is complete already where no other party has to be
   * asked, and never completes exceptionally: an unproven identity is an absent one.
   */
  CompletionStage<Identity> resolve(RequestView request);
}
