package io.sluice.redis;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Who serves which slot, as far as is known. Changed in place; thread-safe. */
final class SlotTable {

  private final AtomicReferenceArray<@Nullable ClusterNode> owners =
      new AtomicReferenceArray<>(SlotLinks.SLOTS);

  /** Returns who serves a slot; null where nobody does. */
  @Nullable ClusterNode owner(int slot) {
    return owners.get(slot);
  }

  /** Returns who served a slot before. */
  @Nullable ClusterNode replace(int slot, @Nullable ClusterNode owner) {
    return owners.getAndSet(slot, owner);
  }

  /** Returns all who serve any slot. */
  Set<ClusterNode> serving() {
    Set<ClusterNode> serving = new HashSet<>();
    ClusterNode last = null;
    for (int slot = 0; slot < owners.length(); slot++) {
      ClusterNode owner = owners.get(slot);
      if (owner != null && owner != last) {
        serving.add(owner);
        last = owner;
      }
    }
    return serving;
  }

  /** Returns whether a node serves any slot. */
  boolean isServing(ClusterNode node) {
    for (int slot = 0; slot < owners.length(); slot++) {
      if (node.equals(owners.get(slot))) {
        return true;
      }
    }
    return false;
  }

  /** Returns how many slots nobody serves. */
  int unserved() {
    int unserved = 0;
    for (int slot = 0; slot < owners.length(); slot++) {
      unserved += owners.get(slot) == null ? 1 : 0;
    }
    return unserved;
  }
}
