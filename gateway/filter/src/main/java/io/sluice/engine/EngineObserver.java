package io.sluice.engine;

import io.sluice.limit.LimitObserver;
import io.sluice.policy.PolicyBook;
import io.sluice.store.OutageListener;
import java.time.Duration;

/** Hears what the engine does: decisions, outages, new books. Must be quick and thread-safe. */
public interface EngineObserver extends LimitObserver, OutageListener {

  /** Hears nothing. */
  EngineObserver NONE = (decision, nanos) -> {};

  /** A book is about to come into force, the first one included. */
  default void bookChanging(PolicyBook book) {}

  /** The policies were read again and differed. */
  default void reloaded(Reload reload) {}

  @Override
  default void outage(String cause) {}

  @Override
  default void recovery(Duration lasted, long localDecisions) {}
}
