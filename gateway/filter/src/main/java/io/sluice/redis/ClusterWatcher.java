package io.sluice.redis;

/** Hears of the masters of a cluster, one call at a time. Must not block. */
public interface ClusterWatcher {

  /** A node that served no slots serves some. */
  void serves(ClusterNode node);

  /** A node serves no slots any more; it may again. */
  void rests(ClusterNode node);

  /** A node that rests is given up for good; its link is closed. */
  void left(ClusterNode node);
}
