package io.sluice.proxy;

/**
 * Hears how the upstream does. Each request that is sent to it is told exactly once, unless its
 * client goes away first. Called on the threads that carry traffic: must be quick and thread-safe.
 */
public interface UpstreamObserver {

  /** Hears nothing. */
  UpstreamObserver NONE = new UpstreamObserver() {};

  /**
   * The head of an answer has arrived.
   *
   * @param nanos nanoseconds since the request was handed to the upstream's connections
   */
  default void answered(int status, long nanos) {}

  /** The upstream gave no answer, or broke one off that {@link #answered} has told. */
  default void failed(UpstreamFailure failure) {}
}
