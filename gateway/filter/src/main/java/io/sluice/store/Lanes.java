package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisTime;
import io.sluice.redis.SlotLinks;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Where the buckets that can be committed together are: all of them in a standalone Redis, those of
 * one slot in a cluster. Thread-safe.
 */
interface Lanes {

  /** Returns the lane of a bucket. */
  Lane of(BucketKey key);

  /**
   * What it takes to charge the buckets of one lane.
   *
   * @param link the way to them
   * @param clock what they fill by
   * @param commit takes from them
   * @param settlement settles them
   * @param debiting debits them after an outage
   */
  record Lane(
      RedisLink link,
      RedisTime clock,
      GroupCommit commit,
      Settlement settlement,
      Debiting debiting) {}

  /** Returns the one lane of a standalone Redis. */
  static Lanes one(Lane lane) {
    return key -> lane;
  }

  /** Returns the lanes of a cluster, which are made when they are first used. */
  static Lanes ofSlots(
      SlotLinks slots, String prefix, BiFunction<RedisLink, RedisTime, Lane> maker) {
    AtomicReferenceArray<@Nullable Lane> lanes = new AtomicReferenceArray<>(SlotLinks.SLOTS);
    return key -> {
      int slot = slots.slotOf(key.inRedis(prefix));
      Lane lane = lanes.get(slot);
      if (lane != null) {
        return lane;
      }
      Lane fresh = maker.apply(slots.link(slot), slots.clock(slot));
      Lane first = lanes.compareAndExchange(slot, null, fresh);
      return first == null ? fresh : first;
    };
  }
}
