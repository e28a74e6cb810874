package io.sluice.store;

import io.sluice.policy.Bandwidth;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bucket in this process and the lock that guards it, which is held wherever nothing else is
 * said.
 *
 * <p>Where it stands in for one of the shared store it knows two levels: its own, and that at which
 * it would be had nothing been taken from it here. The difference is what the shared store is owed;
 * what has flowed back meanwhile has left it by itself.
 */
final class Bucket {

  private final ReentrantLock lock = new ReentrantLock();
  private final long number;
  private final Tokens tokens;

  /** The level without what is owed; null for a full bucket. */
  private @Nullable Tokens untouched;

  private Bandwidth whole;
  private Terms terms;
  private volatile Duration lifetime;
  private boolean gone;

  /**
   * Creates a bucket that owes nothing.
   *
   * @param number its place in the order in which locks are taken
   * @param whole its limit, of which the terms may be a share
   */
  Bucket(long number, Bandwidth whole, Terms terms, Tokens tokens) {
    this.number = number;
    this.whole = whole;
    this.terms = terms;
    this.tokens = tokens;
    this.untouched = tokens.spent() > 0 ? tokens.copy() : null;
    this.lifetime = lifetime(terms);
    outlive();
  }

  /** Needs no lock. */
  long number() {
    return number;
  }

  void lock() {
    lock.lock();
  }

  void unlock() {
    lock.unlock();
  }

  /** Returns whether it has left the store, so that whoever has waited for it needs another. */
  boolean gone() {
    return gone;
  }

  void leave() {
    gone = true;
  }

  Bandwidth whole() {
    return whole;
  }

  Terms terms() {
    return terms;
  }

  /** Returns the tokens there are now, to be changed; with other terms the lifetime is another. */
  Tokens at(long now, Bandwidth limit, Terms wanted) {
    tokens.advance(now);
    whole = limit;
    if (wanted != terms) {
      tokens.follow(wanted);
      if (untouched != null) {
        untouched.advance(now);
        untouched.follow(wanted);
      }
      terms = wanted;
      outlive();
    }
    return tokens;
  }

  /** Returns a copy of the tokens there are now. */
  Tokens copyAt(long now, Terms wanted) {
    Tokens copy = Tokens.of(tokens.state(), terms, now);
    copy.follow(wanted);
    return copy;
  }

  /** Returns how many tokens the shared store is owed; negative where they were given back here. */
  long owed(long now) {
    tokens.advance(now);
    return tokens.spent() - missingBefore(now);
  }

  /** Returns how many tokens were missing before anything was taken here, and are still. */
  long missingBefore(long now) {
    if (untouched == null) {
      return 0;
    }
    untouched.advance(now);
    return Math.max(0, untouched.spent());
  }

  /** From now on nothing is owed: it is being debited. */
  void handOver() {
    untouched = tokens.copy();
  }

  /** What was handed over did not arrive. */
  void takeBack(long owed) {
    if (untouched != null && owed >= 0) {
      untouched.giveBack(owed);
    } else if (untouched != null) {
      untouched.charge(-owed);
    }
  }

  /** Lets the bucket live until a debt is refilled as well. */
  void outlive() {
    Duration longer = Duration.ofNanos(tokens.nanosToFull()).plusNanos(Tokens.KEEP_NANOS);
    Duration usual = lifetime(terms);
    lifetime = longer.compareTo(usual) > 0 ? longer : usual;
  }

  /**
   * Returns how long after its last use the bucket is full for certain and may be dropped; needs no
   * lock.
   */
  Duration lifetime() {
    return lifetime;
  }

  private static Duration lifetime(Terms terms) {
    return Duration.ofMillis(Tokens.longestTtlMillis(terms.configuration()));
  }
}
