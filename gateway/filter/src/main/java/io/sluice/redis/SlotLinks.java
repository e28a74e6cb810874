package io.sluice.redis;

/** The ways to the slots of a Redis Cluster, of which each has one owner at a time. Thread-safe. */
public interface SlotLinks {

  /** How many slots a cluster has. */
  int SLOTS = 16_384;

  /** Returns the slot of a key, 0 to 16383. */
  int slotOf(String key);

  /** Returns the way to whoever owns a slot at the time. */
  RedisLink link(int slot);

  /** Returns the clock of whoever owns a slot at the time. */
  RedisTime clock(int slot);

  /**
   * Returns a key that can be reached: the one given, or while the node of its slot does not work
   * one that begins with it and lies elsewhere. Gateways that agree which nodes work agree on it.
   */
  String reachable(String key);

  /** Returns the way to all slots, each command going to that of its first key. */
  RedisLink all();
}
