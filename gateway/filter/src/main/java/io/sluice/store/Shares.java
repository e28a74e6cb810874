package io.sluice.store;

import io.sluice.limit.BucketKey;
import io.sluice.policy.Bandwidth;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;

/**
 * What buckets in this process are counted by, and how they begin: as a {@link Share} of the limit,
 * as full as the shared bucket was when last seen. Thread-safe.
 */
final class Shares {

  private record Division(Bandwidth whole, int gateways, long tokens) {}

  private final IntSupplier gateways;
  private final LastSeen lastSeen;
  private final ConcurrentHashMap<Bandwidth, Terms> whole = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Division, Terms> parts = new ConcurrentHashMap<>();

  Shares(IntSupplier gateways, LastSeen lastSeen) {
    this.gateways = gateways;
    this.lastSeen = lastSeen;
  }

  /** Returns among how many gateways each limit is divided. */
  int gateways() {
    return gateways.getAsInt();
  }

  /**
   * Returns the terms of this process' share; the same ones until another number of gateways lives
   * or there is a new book.
   *
   * @param tokens what one request takes
   */
  Terms terms(Bandwidth bandwidth, long tokens) {
    int all = gateways.getAsInt();
    if (all <= 1) {
      return whole(bandwidth);
    }
    Division division = new Division(bandwidth, all, tokens);
    Terms known = parts.get(division);
    return known != null
        ? known
        : parts.computeIfAbsent(division, d -> new Terms(Share.of(bandwidth, all, tokens), 0));
  }

  /** Returns the tokens that a bucket begins with, on the terms of this process' share. */
  Tokens begun(BucketKey key, Terms share, Bandwidth bandwidth, long now) {
    Tokens left = lastSeen.lastSeen(key, whole(bandwidth), now);
    if (left == null) {
      return Tokens.full(share, now);
    }
    left.shrink(share);
    return left;
  }

  /** Forgets the terms of books that are no more. */
  void clear() {
    whole.clear();
    parts.clear();
  }

  private Terms whole(Bandwidth bandwidth) {
    Terms known = whole.get(bandwidth);
    return known != null ? known : whole.computeIfAbsent(bandwidth, b -> new Terms(b, 0));
  }
}
