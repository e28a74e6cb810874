package io.sluice.redis;

/**
 * A master of a Redis Cluster: the way to it, and its clock. Two of the same address are never in
 * use at once, so nodes are compared by identity. Thread-safe.
 */
public final class ClusterNode {

  private final RedisAddress address;
  private final LettuceLink link;
  private final RedisClock clock;
  private volatile boolean suspected;

  // Touched by the topology's own thread.
  private boolean serving;
  private long idleSince;

  ClusterNode(RedisAddress address, LettuceLink link, RedisClock clock, long now) {
    this.address = address;
    this.link = link;
    this.clock = clock;
    this.idleSince = now;
  }

  RedisAddress address() {
    return address;
  }

  LettuceLink lettuce() {
    return link;
  }

  /** Returns the way to this node, whichever slots it serves. */
  public WatchedLink link() {
    return link;
  }

  RedisClock clock() {
    return clock;
  }

  /** Returns whether it is connected, and nobody has said that it does not work. */
  boolean works() {
    return link.isUp() && !suspected;
  }

  boolean isSuspected() {
    return suspected;
  }

  void suspect(boolean away) {
    suspected = away;
  }

  boolean isServing() {
    return serving;
  }

  void serve(boolean now, long nanoTime) {
    serving = now;
    idleSince = nanoTime;
  }

  long idleSince() {
    return idleSince;
  }

  /** Returns its address. */
  @Override
  public String toString() {
    return address.toString();
  }
}
