package io.sluice.store;

import io.sluice.limit.StoreOverloadedException;

/**
 * The buckets of a take are just being moved to another node of a cluster, and cannot be taken from
 * in one step until they are there. Nothing was charged; each alone can be taken from. {@link
 * ClusterStore} does so.
 */
final class BetweenNodesException extends StoreOverloadedException {

  private static final long serialVersionUID = 1L;

  BetweenNodesException() {
    super("these buckets are just being moved to another node of the cluster");
  }
}
