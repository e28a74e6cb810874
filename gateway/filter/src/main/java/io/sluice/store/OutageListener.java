package io.sluice.store;

import java.time.Duration;

/** Hears of outages of the shared store as they begin and end. Must not block. Thread-safe. */
public interface OutageListener {

  /** A listener that hears nothing. */
  OutageListener NONE =
      new OutageListener() {
        @Override
        public void outage(String cause) {}

        @Override
        public void recovery(Duration lasted, long localDecisions) {}
      };

  /** The shared store is asked no more. */
  void outage(String cause);

  /**
   * The shared store decides again.
   *
   * @param localDecisions requests decided without it meanwhile
   */
  void recovery(Duration lasted, long localDecisions);
}
