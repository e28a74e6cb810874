package io.sluice.store;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/** A bucket in this process and the lock that guards it. */
final class Bucket {

  private final ReentrantLock lock = new ReentrantLock();
  private final long number;
  private final Tokens tokens;
  private Terms terms;
  private volatile Duration lifetime;

  /**
   * Creates a full bucket.
   *
   * @param number its place in the order in which locks are taken
   */
  Bucket(long number, Terms terms, long now) {
    this.number = number;
    this.terms = terms;
    this.tokens = Tokens.full(terms, now);
    this.lifetime = lifetime(terms);
  }

  long number() {
    return number;
  }

  void lock() {
    lock.lock();
  }

  void unlock() {
    lock.unlock();
  }

  /** Returns the tokens there are now, to be changed; the lock is held. */
  Tokens at(long now, Terms wanted) {
    tokens.advance(now);
    if (wanted != terms) {
      tokens.follow(wanted);
      terms = wanted;
      lifetime = lifetime(wanted);
    }
    return tokens;
  }

  /** Returns a copy of the tokens there are now; the lock is held. */
  Tokens copyAt(long now, Terms wanted) {
    Tokens copy = Tokens.of(tokens.state(), terms, now);
    copy.follow(wanted);
    return copy;
  }

  /** Lets the bucket live until a debt is refilled as well; the lock is held. */
  void outlive(long nanosToFull) {
    Duration longer = Duration.ofNanos(nanosToFull).plusNanos(Tokens.KEEP_NANOS);
    Duration usual = lifetime(terms);
    lifetime = longer.compareTo(usual) > 0 ? longer : usual;
  }

  /** Returns how long after its last use the bucket is full for certain and may be dropped. */
  Duration lifetime() {
    return lifetime;
  }

  private static Duration lifetime(Terms terms) {
    return Duration.ofMillis(Tokens.longestTtlMillis(terms.configuration()));
  }
}
