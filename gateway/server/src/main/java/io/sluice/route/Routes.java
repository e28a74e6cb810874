package io.sluice.route;

/** The routes in force, and their upstreams' life. Thread-safe. */
public interface Routes {

  /** Returns the table in force; a request asks once. */
  RouteTable table();

  /** Starts the upstreams. */
  void start();

  /** Stops them: fails the calls under way. */
  void stop();
}
