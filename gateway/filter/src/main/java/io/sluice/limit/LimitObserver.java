package io.sluice.limit;

import java.util.List;

/** Hears of decisions as they are made. Called on the deciding thread, so it must not block. */
public interface LimitObserver {

  /** An observer that hears nothing. */
  LimitObserver NONE = (decision, nanos) -> {};

  /**
   * A request was decided.
   *
   * @param nanos nanoseconds from being asked to having the decision
   */
  void decided(Decision decision, long nanos);

  /** A policy in shadow mode answered; the request was not affected. */
  default void shadowed(List<LimitVerdict> lines) {}
}
