package io.sluice.proxy;

/** Hears of clients that were cut. Called on threads that carry traffic: quick and thread-safe. */
@FunctionalInterface
public interface CutObserver {

  /** Hears nothing. */
  CutObserver NONE = cut -> {};

  /** A request or a connection has been ended for this reason. */
  void cut(ClientCut cut);
}
