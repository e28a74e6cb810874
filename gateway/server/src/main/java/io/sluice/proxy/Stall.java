package io.sluice.proxy;

import io.sluice.upstream.Pace;
import io.sluice.upstream.PaceMeter;
import io.sluice.upstream.Upstream;

/**
 * One answer whose client has made it wait at least once, and what was taken off the upstream
 * meanwhile. Marked by the thread that pours the answer, looked at by another.
 */
final class Stall {

  /** The request whose answer it is. */
  interface Owner {

    /** Returns where the answer comes from. */
    Upstream upstream();

    /** Returns whether the answer still holds a connection to the upstream. */
    boolean holdsUpstream();

    /** Gives the answer up. */
    void tooSlow(ClientCut cut);
  }

  private static final long MOVING = 0;

  private final Owner owner;
  private final SlowReaders readers;
  private final PaceMeter meter;
  private final Backlog backlog;
  private volatile long since = MOVING;
  private volatile long octets;

  Stall(Owner owner, SlowReaders readers, Pace pace, Backlog backlog) {
    this.owner = owner;
    this.readers = readers;
    this.meter = new PaceMeter(pace);
    this.backlog = backlog;
  }

  Owner owner() {
    return owner;
  }

  Backlog backlog() {
    return backlog;
  }

  /** The client takes nothing, after so many octets that it was given. */
  void begin(long given) {
    if (since == MOVING) {
      octets = given;
      since = System.nanoTime() | 1;
    }
  }

  /** The client takes something again. */
  void end() {
    since = MOVING;
  }

  /** The answer is over: nothing is left to look at. */
  void close() {
    readers.remove(this);
    backlog.free();
  }

  /** Returns for how many nanoseconds the client has taken nothing until now; 0 when it does. */
  long nanos(long now) {
    long then = since;
    return then == MOVING ? 0 : now - then;
  }

  /** Looks whether the client keeps the pace; for one thread at a time. */
  boolean isTooSlow(long now) {
    return meter.isTooSlow(now, since != MOVING, octets);
  }

  void cut(ClientCut cut) {
    if (readers.remove(this)) {
      owner.tooSlow(cut);
    }
  }
}
