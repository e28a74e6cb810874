package io.sluice.app;

/**
 * Ways past hand-overs between threads. Each rests on how Jetty works inside, is watched over by a
 * test, and can be switched off.
 *
 * @param serveOnSelector requests are served on the thread that read them
 * @param readOn a connection's next request is read on the thread that ended the last
 * @param continueDirectly a request that waited for its decision goes on on the thread that brought
 *     it, instead of by a dispatch
 * @param shareSelectors connections to the upstream are served by the threads that serve clients
 */
public record Shortcuts(
    boolean serveOnSelector, boolean readOn, boolean continueDirectly, boolean shareSelectors) {

  /** All of them. */
  public static final Shortcuts ALL = new Shortcuts(true, true, true, true);

  /** None of them. */
  public static final Shortcuts NONE = new Shortcuts(false, false, false, false);
}
